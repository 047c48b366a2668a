import Model
import Ports
import Processes
import TestSupport
import Testing

@testable import Sandbox

/// The README's promise: one command, and nothing done by hand in between.
@Suite(.enabled(if: SandboxProgram.program != nil, "needs the sandbox: `make test`"))
struct DemoTests {
    @Test func `from docker stack deploy to a verified page, and nothing is left`() async throws {
        let folder = Sandbox.fresh().folder
        let top = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let request = ProcessRequest(
            [try #require(SandboxProgram.program), "demo", "--folder", folder.path],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DOCKER_HOST": "tcp://127.0.0.1:1"],
            directory: top,
            timeLimit: .seconds(180).scaledToLoad,
            grace: .seconds(20)
        )
        let result = try await SpawnRunner().run(request, for: .run)
        #expect(result.end == .exited(0), "\(result.outputText)\(result.errorText)")
        for name in ["record", "certificate", "signal", "page", "notice"] {
            #expect(result.outputText.split(separator: "\n").contains { $0.contains("✓") && $0.contains(name) })
        }
        #expect(result.outputText.contains("Hello from a service that was given a label."))
        #expect(try await Traces(folder: folder).all == [])
    }
}
