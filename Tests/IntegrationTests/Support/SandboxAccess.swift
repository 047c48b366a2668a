import Emulators
import FoundationEssentials
import Glibc
import Sandbox
import TestSupport
import Testing

/// The world that these tests play in: the one in which `landfall-sandbox exec` runs them.
struct SandboxAccess: Sendable {
    static let current = surrounding

    let sandbox: Sandbox
    /// The variables that point Landfall at it.
    let variables: [String: String]
    let emulators: EmulatorClient

    /// Nil where none runs.
    private init?(_ sandbox: Sandbox) {
        guard let environment = sandbox.environment, let emulators = sandbox.emulators() else { return nil }
        (self.sandbox, variables, self.emulators) = (sandbox, environment.values, emulators)
    }

    private static var surrounding: SandboxAccess? {
        guard let path = ProcessInfo.processInfo.environment["LANDFALL_SANDBOX"], let folder = try? SandboxFolder(path)
        else { return nil }
        return SandboxAccess(Sandbox(folder))
    }

    /// Lends a world of its own, which ends with `body`, however that ends.
    static func useOwn(_ options: SandboxOptions, _ body: (SandboxAccess) async throws -> Void) async throws {
        let sandbox = Sandbox.fresh()
        _ = try await sandbox.up(options, program: LandfallProgram.path + "-sandbox", owner: getpid())
        let result: Result<Void, any Error>
        do { result = .success(try await body(try #require(SandboxAccess(sandbox)))) } catch {
            result = .failure(error)
        }
        // In a task of its own, for this one may have run out of time.
        _ = try await Task { try await sandbox.down() }.value
        try result.get()
    }
}

/// Landfall as a whole, on a real engine with a real certbot: what it does is looked at from outside, never in its log.
///
/// One after the other, for there is one engine, and a daemon sees all of its services.
@Suite(
    .serialized,
    .enabled(if: SandboxAccess.current != nil, "needs the sandbox: `make test`"),
    .limited(minutes: 5)
)
enum IntegrationTests {}
