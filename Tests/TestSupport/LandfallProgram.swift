import FoundationEssentials
import Model
package import Ports
import Processes

/// `landfall` as a program, in a process of its own.
package enum LandfallProgram {
    /// The program under test: the one that `LANDFALL_PROGRAM` names, or that which is built beside the tests.
    package static let path: String = {
        if let named = ProcessInfo.processInfo.environment["LANDFALL_PROGRAM"] { return named }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/landfall"
    }()

    /// - Parameter environment: besides what every program needs.
    package static func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> ProcessResult
    {
        let request = ProcessRequest(
            [path] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"].merging(environment) { $1 },
            timeLimit: .seconds(60).scaledToLoad
        )
        return try await SpawnRunner().run(request, for: .run)
    }
}
