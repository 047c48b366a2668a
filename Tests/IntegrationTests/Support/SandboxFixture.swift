import Emulators
import Glibc
import Model
import Ports
import Processes
import Sandbox
import Synchronization
import TestSupport
import Testing
import Timing

/// One test's part of the sandbox: its folders, daemons and services. All of it is removed when the test ends, however it
/// ends.
final class SandboxFixture: Sendable {
    static let zone = "example.test"
    /// All that the emulated account has.
    static let zones = SandboxOptions().zones

    let access: SandboxAccess
    /// In the world's folder, of which the engine sees the same.
    let folder: String
    /// In every name that this fixture makes.
    let token: String
    private let daemons = Mutex<[LandfallProcess]>([])
    let services = Mutex<[String]>([])
    let containers = Mutex<[String]>([])
    let hasStack = Mutex(false)

    /// Lends a fresh part of the sandbox to `body`, and removes all of it afterwards.
    ///
    /// - Parameter name: what is in every name that it makes; random, so that nobody meets it again, unless said.
    static func use(
        in access: SandboxAccess? = .current,
        named name: String? = nil,
        _ body: (SandboxFixture) async throws -> Void
    ) async throws {
        let fixture = try SandboxFixture(try #require(access), name)
        try await fixture.calmEmulators()
        let result: Result<Void, any Error>
        do { result = .success(try await body(fixture)) } catch { result = .failure(fixture.explained(error)) }
        // In a task of its own, for this one may have run out of time.
        try await Task { try await fixture.end() }.value
        try result.get()
    }

    private init(_ access: SandboxAccess, _ name: String?) throws {
        self.access = access
        token = name ?? SystemRandomness().token(bytes: 3, for: .run)
        folder = "\(access.sandbox.folder)/t/\(token)"
        try Disk.makeFolder(folder)
    }

    var state: String { "\(folder)/state" }
    var certificates: String { "\(folder)/letsencrypt" }
    var log: String { "\(folder)/landfall.log" }

    /// A host that no other test has.
    func host(_ label: String) -> String { "\(label)-\(token).\(Self.zone)" }

    /// What Landfall is configured with: the world's variables, folders of this fixture, an instance of its own – other fixtures'
    /// records may still stand in the world's zones –, and short waits. An empty change unsets a variable.
    func variables(_ changes: [String: String] = [:]) -> [String: String] {
        let own = [
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LANDFALL_STATE_DIR": state, "CERTBOT_CONFIG_DIR": certificates,
            "LANDFALL_QUIET": "200ms", "LANDFALL_INTERVAL": "1h", "LANDFALL_LOG": "json",
            "LANDFALL_INSTANCE": token, "LANDFALL_LISTEN": "127.0.0.1:0",
        ]
        return access.variables.merging(own) { $1 }.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    /// Starts a daemon, and returns once its first run has been told of.
    @discardableResult
    func start(_ changes: [String: String] = [:]) async throws -> LandfallProcess {
        let told = try await access.emulators.slackMessages().count
        let landfall = try await launch(changes)
        try await eventually("the first message") { try await access.emulators.slackMessages().count > told }
        return landfall
    }

    /// Starts a daemon.
    @discardableResult
    func launch(_ changes: [String: String] = [:]) async throws -> LandfallProcess {
        let number = daemons.withLock(\.count)
        let landfall = try await LandfallProcess(
            file: "\(folder)/pid-\(number)",
            log: log,
            environment: variables(changes)
        )
        daemons.withLock { $0.append(landfall) }
        return landfall
    }

    /// Runs one of Landfall's commands to its end.
    /// - Parameter before: a program, with its arguments, that runs it; alone where it knows already what to run.
    @discardableResult
    func command(
        _ arguments: String...,
        changes: [String: String] = [:],
        by before: [String] = []
    ) async throws -> ProcessResult {
        let request = ProcessRequest(
            arguments.isEmpty ? before : before + [LandfallProgram.path] + arguments,
            environment: variables(changes),
            timeLimit: .seconds(180).scaledToLoad
        )
        return try await SpawnRunner().run(request, for: .run)
    }

    /// Lets all be done that can be, without a daemon.
    func settle() async throws { #expect(try await command("once").end == .exited(0)) }

    /// Lets the running daemon run once more, and returns when that run is over.
    func runOnce() async throws { _ = try await command("once") }

    private func end() async throws {
        for landfall in daemons.withLock(\.self) { await landfall.dismiss() }
        for process in RunningProcess.mentioning(folder) { kill(process.pid, SIGKILL) }
        try await removeStack()
        try await removeServices()
        try await removeContainers()
        try await calmEmulators()
        Disk.remove(folder)
    }

    /// What Landfall said last.
    var endOfLog: String { (Disk.text(log) ?? "").split(separator: "\n").suffix(12).joined(separator: "\n") }

    /// The folder goes, so what Landfall said last goes with the error.
    private func explained(_ error: any Error) -> ExplainedError {
        ExplainedError(description: "\(error)\n\(endOfLog)")
    }
}

struct ExplainedError: Error, CustomStringConvertible {
    let description: String
}
