import Model
import Ports
import Processes
import TestSupport
import Sandbox

extension PackageMirror {
    /// What a test without it is skipped for.
    static let reason =
        "long, and needs \(standard.folder), which `make test-all` makes where Debian and the package index are reached"
}

/// The project as it was checked out.
enum Checkout {
    static let top = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

    /// The release build, stripped, which `make test-all` makes.
    static let binary = "\(top)/.build/image/landfall"

    /// Runs a program of the system's, with nothing of the user's environment.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        limit: Duration = .seconds(300)
    ) async throws -> ProcessResult {
        let own = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"]
        let request = ProcessRequest(
            arguments,
            environment: own.merging(environment) { $1 },
            directory: top,
            timeLimit: limit.scaledToLoad
        )
        return try await SpawnRunner().run(request, for: .run)
    }
}
