import Files
import Glibc
import Model
import Ports
import Processes
import Report
import TestSupport
import Testing

/// Debian's Podman in an engine's place: it has other words than Docker.
@Suite(
    .serialized,
    .enabled(if: geteuid() == 0 && PodmanService.isInstalled, "needs root and Debian's podman: `make setup`"),
    .limited(minutes: 4)
)
struct PodmanTests {
    @Test(arguments: [false, true])
    func `check says what it is, and its containers are served and missed at once`(isRootless: Bool) async throws {
        try await HostileFixture.use { fixture in
            try await PodmanService.use(isRootless: isRootless) { podman in
                let variables = ["DOCKER_HOST": "unix://\(podman.socket)"]
                let check = try await fixture.command("check", changes: variables)
                #expect(check.outputText.contains("✓ Docker: Podman Engine "), "\(check.outputText)")
                #expect(check.outputText.contains(", plain engine, API 1."))
                #expect(check.outputText.contains("✓ engine calls: "))
                try await fixture.start(variables)
                try await podman.run("create", "--label", "landfall.host=www.example.test", "--name", "web")
                try await eventually("the record", within: .seconds(30)) {
                    fixture.records == ["A www.example.test \(fixture.publicAddress)"]
                }
                let runs = fixture.endedRuns
                try await podman.run("rm", "--force", "web")
                try await eventually("a run without the container", within: .seconds(30)) { fixture.endedRuns > runs }
                #expect(try await fixture.run().hosts.isEmpty)
            }
        }
    }
}

/// A Podman with containers of its own, whose socket is a folder's. Its containers are never started.
private struct PodmanService: Sendable {
    static let isInstalled = (try? SystemFiles().information("/usr/bin/podman", for: .run)) != nil

    private static let path = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]
    private let folder: String
    private let user: [String]

    var socket: String { "\(folder)/podman.sock" }

    static func use(isRootless: Bool, _ body: (PodmanService) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let podman = PodmanService(
            folder: folder.path,
            user: isRootless ? ["setpriv", "--reuid=games", "--regid=games", "--clear-groups"] : []
        )
        if isRootless {
            let chown = ProcessRequest(["chown", "games", folder.path], environment: path, timeLimit: .seconds(30))
            _ = try await SpawnRunner().run(chown, for: .run)
        }
        let service = Task { try await podman.process("system", "service", "--time=0", "unix://\(podman.socket)") }
        let result: Result<Void, any Error>
        do {
            try await eventually("Podman's socket") {
                (try? SystemFiles().information(podman.socket, for: .run)) != nil
            }
            result = .success(try await body(podman))
        } catch {
            result = .failure(error)
        }
        service.cancel()
        _ = await service.result
        podman.endPause()
        try result.get()
    }

    /// Ends the process that keeps a user's namespace.
    private func endPause() {
        for path in ["\(folder)/libpod/tmp/pause.pid", "\(folder)/tmp/pause.pid"] {
            let bytes = try? SystemFiles().read(path, limit: 32, for: .run)
            if let pid = bytes.flatMap({ pid_t(String(decoding: $0, as: UTF8.self).trimmed) }), pid > 1 {
                kill(pid, SIGKILL)
            }
        }
    }

    func run(_ arguments: String...) async throws {
        let isMade = arguments[0] == "create"
        let all = isMade ? arguments + ["--network=none", "--rootfs", folder, "true"] : arguments
        let result = try await process(all)
        guard result.end == .exited(0) else { throw ExplainedError(description: "\(all): \(result.errorText)") }
    }

    private func process(_ arguments: String...) async throws -> ProcessResult { try await process(arguments) }

    private func process(_ arguments: [String]) async throws -> ProcessResult {
        let folders = ["--root=\(folder)/root", "--runroot=\(folder)/run", "--tmpdir=\(folder)/tmp"]
        let request = ProcessRequest(
            user + ["podman", "--storage-driver=vfs", "--events-backend=file"] + folders + arguments,
            environment: Self.path.merging(["HOME": folder, "XDG_RUNTIME_DIR": folder]) { $1 },
            timeLimit: .seconds(180).scaledToLoad
        )
        return try await SpawnRunner().run(request, for: .run)
    }
}
