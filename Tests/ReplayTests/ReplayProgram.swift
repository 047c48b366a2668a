import FoundationEssentials
import Model
import Ports
import Processes
import TestSupport

/// `landfall replay` as a program, in a process of its own.
enum ReplayProgram {
    static func run(_ arguments: [String], input: String = "/dev/null") async throws -> ProcessResult {
        // The shell gives it an input, and becomes it.
        let shell = ["/bin/sh", "-c", #"input=$0; exec "$@" <"$input""#, input]
        let request = ProcessRequest(
            shell + [program, "replay"] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"],
            timeLimit: .seconds(60).scaledToLoad
        )
        return try await SpawnRunner().run(request, for: .run)
    }

    /// It is built beside these tests.
    private static let program: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/landfall"
    }()
}
