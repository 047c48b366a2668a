import Glibc
import Model
import Ports
import Processes
import TestSupport

@testable import Sandbox

/// `landfall-sandbox`, where these tests are run by one (`landfall-sandbox exec -- swift test`).
struct SandboxProgram {
    static let program: String? = variable("LANDFALL_SANDBOX_PROGRAM")

    static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// The sandbox that the tests are run in.
    static var surrounding: Sandbox? {
        guard let path = variable("LANDFALL_SANDBOX"), let folder = try? SandboxFolder(path) else { return nil }
        return Sandbox(folder)
    }

    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> ProcessResult {
        let request = ProcessRequest(
            [program ?? "landfall-sandbox"] + arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"].merging(environment) { $1 },
            timeLimit: .seconds(120).scaledToLoad,
            grace: .seconds(20)
        )
        return try await SpawnRunner().run(request, for: .run)
    }
}
