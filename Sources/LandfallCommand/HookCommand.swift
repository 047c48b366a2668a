import Certificates
import Composition
import Daemon
import FoundationEssentials
import Ports
import Transport

struct HookCommand: Subcommand {
    static let name = "hook"
    static let summary = "Publishes a challenge; only certbot calls it."
    /// SIGTERM goes to certbot's whole process group; its hooks must survive it, because certbot then cleans up.
    static let awaitsSignals = true
    static let help = """
        Usage: landfall hook auth|cleanup [--socket PATH]

        certbot's manual hooks: they ask the daemon at the socket to publish or remove a challenge. They serve only a certbot
        that Landfall started.

        Exit status: 0 on success, 1 on failure.
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
            transport: CurlTransport.landfall()
        )
        do throws(HookError) {
            try await client.call(action)
            return ExitStatus.success
        } catch {
            Terminal.error("landfall hook: \(error)")
            return ExitStatus.failure
        }
    }
}
