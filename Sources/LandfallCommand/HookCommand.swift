import Certificates
import Daemon
import FoundationEssentials
import Transport

struct HookCommand: Subcommand {
    static let name = "hook"
    static let summary = "What certbot calls to publish a challenge; not for people."
    static let help = """
        Usage: landfall hook auth|cleanup

        certbot's manual hooks: hands the challenge to the Landfall that started certbot, over its socket.

        Exit status: 0 when it was done, 1 when not.
        """

    private let phase: HookRequest.Phase

    init(arguments: [String]) throws(UsageError) {
        guard arguments.count == 1, let phase = HookRequest.Phase(rawValue: arguments[0]) else {
            throw UsageError("it takes `auth` or `cleanup`")
        }
        self.phase = phase
    }

    func run() async -> Int32 {
        let transport = CurlTransport(.init(userAgent: "landfall/\(landfallVersion)"))
        return await HookClient(transport: transport)
            .run(phase, environment: ProcessInfo.processInfo.environment)
    }
}
