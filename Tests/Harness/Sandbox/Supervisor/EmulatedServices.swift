import Emulators
import HTTPServer
import Model

/// The emulators on the sandbox's address, and the accounts that they know.
struct EmulatedServices: Sendable {
    private static let token = "sandbox-cloudflare-token"
    private static let slackToken = "xoxb-sandbox-slack-token"
    private static let channel = "deployments"

    private let servers: EmulatorServers

    init(_ options: SandboxOptions, address: String, zones: any DNSPublisher) throws(HTTPServerError) {
        let cloudflare = CloudflareEmulator(
            zones: options.allZones,
            credentials: [.token(Secret(Self.token))],
            publisher: zones
        )
        for zone in options.allZones { cloudflare.set(zone) { $0.nameServers = [NameServer.name] } }
        let slack = SlackEmulator(token: Secret(Self.slackToken), channels: [Self.channel])
        servers = try EmulatorServers(cloudflare: cloudflare, slack: slack, host: address)
        servers.address.settings.ipv4 = options.publicAddress
    }

    /// The variables that point Landfall at them.
    var variables: [String: String] {
        [
            "CLOUDFLARE_API_TOKEN": Self.token,
            "CLOUDFLARE_API_URL": servers.urls.cloudflare,
            // What is proxied shows the provider's own edge in DNS, which is out of reach here.
            "CLOUDFLARE_PROXIED": "false",
            "LANDFALL_IP": servers.urls.addressServices.joined(separator: ","),
            "SLACK_TOKEN": Self.slackToken,
            "SLACK_CHANNEL": Self.channel,
            "SLACK_API_URL": servers.urls.slack,
            "LANDFALL_SANDBOX_CONTROL": servers.urls.control,
        ]
    }
}
