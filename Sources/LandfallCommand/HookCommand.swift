import Certificates
import Daemon
import FoundationEssentials
import Transport

struct HookCommand: Subcommand {
    static let name = "hook"
    static let summary = "What certbot calls to publish a challenge; not for people."
    /// The certbot that called it is told to end together with it, and then still has its challenges taken back.
    static let awaitsSignals = true
    static let help = """
        Usage: landfall hook auth|cleanup

        certbot's manual hooks: hands the challenge to the Landfall that started certbot, over its socket.

        Exit status: 0 when it was done, 1 when not.
        """

    private let action: HookRequest.Action

    init(arguments: [String]) throws(UsageError) {
        guard arguments.count == 1, let action = HookRequest.Action(rawValue: arguments[0]) else {
            throw UsageError("it takes `auth` or `cleanup`")
        }
        self.action = action
    }

    func run() async -> Int32 {
        let transport = CurlTransport(.init(userAgent: "landfall/\(landfallVersion)"))
        let client = HookClient(environment: ProcessInfo.processInfo.environment, transport: transport)
        do throws(HookError) {
            try await client.call(action)
            return ExitStatus.success
        } catch {
            Terminal.error("landfall hook: \(error)")
            return ExitStatus.failure
        }
    }
}
