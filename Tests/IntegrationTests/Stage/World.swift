import Emulators
import FoundationEssentials
import Sandbox
import Testing

/// The world that these tests play in: the one in which `landfall-sandbox exec` runs them.
struct World: Sendable {
    static let current = World()

    let sandbox: Sandbox
    /// The variables that point Landfall at it.
    let variables: [String: String]
    let emulators: EmulatorClient

    /// Nil where none runs.
    private init?() {
        guard let path = ProcessInfo.processInfo.environment["LANDFALL_SANDBOX"],
            let folder = try? SandboxFolder(path)
        else { return nil }
        sandbox = Sandbox(folder)
        guard let environment = sandbox.environment, let emulators = sandbox.emulators() else { return nil }
        (variables, self.emulators) = (environment.values, emulators)
    }

    /// Whether the long forms are asked for, as `make test-all` does.
    static let isFull = ProcessInfo.processInfo.environment["LANDFALL_TEST_FULL"] != nil

    /// The program under test, which is built beside these tests.
    static let landfall: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/landfall"
    }()
}

/// Landfall as a whole, on a real engine with a real certbot: what it does is looked at from outside, never in its log.
///
/// One after the other, for there is one engine, and a daemon sees all of its services.
@Suite(
    .serialized,
    .enabled(if: World.current != nil, "needs a world around it: `landfall-sandbox exec -- swift test`"),
    .timeLimit(.minutes(5))
)
enum IntegrationTests {}
