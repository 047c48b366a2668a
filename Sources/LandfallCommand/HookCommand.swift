import Certificates
import Composition
import Configuration
import Daemon
import FoundationEssentials
import Transport

struct HookCommand: Subcommand {
    static let name = "hook"
    static let summary = "What certbot calls to publish a challenge; not for people."
    /// The certbot that called it is told to end together with it, and then still has its challenges taken back.
    static let awaitsSignals = true
    static let help = """
        Usage: landfall hook auth|cleanup [--socket PATH]

        certbot's manual hooks: hands the challenge to the daemon at the socket. Where none listens, and the certbot was not
        started by Landfall, it is answered here, with Landfall's configuration from the environment.

        Exit status: 0 when it was done, 1 when not.
        """

    private let action: HookRequest.Action
    private let socket: String?

    init(arguments: [String]) throws(UsageError) {
        guard let action = arguments.first.flatMap(HookRequest.Action.init) else {
            throw UsageError("it takes `auth` or `cleanup`")
        }
        switch arguments.count {
        case 1: socket = nil
        case 3 where arguments[1] == "--socket": socket = arguments[2]
        default: throw UsageError("after `\(action.rawValue)` it takes `--socket PATH`")
        }
        self.action = action
    }

    func run() async -> Int32 {
        let client = HookClient(
            environment: ProcessInfo.processInfo.environment,
            socket: socket,
            transport: CurlTransport.landfall(),
            alone: Self.answer
        )
        do throws(HookError) {
            try await client.call(action)
            return ExitStatus.success
        } catch {
            Terminal.error("landfall hook: \(error)")
            return ExitStatus.failure
        }
    }

    private static let answer: HookClient.Alone = { request in
        do throws(ConfigurationError) {
            let configuration = try Startup.checked()
            return await LoneHook(configuration, log: Startup.commandLog(configuration.logging)).answer(request)
        } catch {
            return .refused(error.problems.joined(separator: "; "))
        }
    }
}
