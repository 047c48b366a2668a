package import HTTPServer
package import Ports
import Timing

/// All emulators, each on a port of its own, and the control interface on another.
package final class EmulatorServers: Sendable {
    package struct Ports: Sendable {
        /// 0 takes any free one.
        package var cloudflare: UInt16 = 0
        package var address: UInt16 = 0
        /// Of the other operator that tells addresses.
        package var otherAddress: UInt16 = 0
        package var slack: UInt16 = 0
        package var webhook: UInt16 = 0
        package var control: UInt16 = 0

        package init() {}
    }

    package let cloudflare: CloudflareEmulator
    package let address: AddressEmulator
    package let slack: SlackEmulator
    package let webhook: WebhookEmulator
    package let urls: EmulatorURLs
    private let servers: [HTTPServer]

    /// Listens on `host`, an IP address.
    package init(
        cloudflare: CloudflareEmulator,
        slack: SlackEmulator,
        host: String = "127.0.0.1",
        ports: Ports = Ports(),
        clock: any Clock = SystemClock()
    ) throws(HTTPServerError) {
        let address = AddressEmulator(clock: clock)
        let webhook = WebhookEmulator(clock: clock)
        let routes = EmulatorControlRoutes(cloudflare: cloudflare, address: address, slack: slack, webhook: webhook)
        func serve(_ port: UInt16, _ handler: @escaping HTTPServer.Handler) throws(HTTPServerError) -> HTTPServer {
            try HTTPServer(listening: .tcp(address: host, port: port), bodyLimit: 8 << 20, handler: handler)
        }
        let cloudflareServer = try serve(ports.cloudflare, cloudflare.handler)
        let addressServer = try serve(ports.address, address.handler)
        let otherAddressServer = try serve(ports.otherAddress, address.handler)
        let slackServer = try serve(ports.slack, slack.handler)
        let webhookServer = try serve(ports.webhook, webhook.handler)
        let controlServer = try serve(ports.control) { request in routes.answer(request) }
        (self.cloudflare, self.address, self.slack, self.webhook) = (cloudflare, address, slack, webhook)
        servers = [cloudflareServer, addressServer, otherAddressServer, slackServer, webhookServer, controlServer]
        func base(_ server: HTTPServer) -> String {
            "http://\(host.contains(":") ? "[\(host)]" : host):\(server.port)"
        }
        urls = EmulatorURLs(
            cloudflare: base(cloudflareServer) + CloudflareEmulator.basePath,
            address: base(addressServer),
            addressServices: [
                base(addressServer) + AddressEmulator.linePath, base(otherAddressServer) + AddressEmulator.tracePath,
            ],
            slack: base(slackServer) + SlackEmulator.basePath,
            slackWebhook: base(slackServer) + SlackEmulator.webhookPath,
            webhook: base(webhookServer) + "/hook",
            control: base(controlServer)
        )
    }

    deinit { stop() }

    /// Ends all of them; may be called again.
    package func stop() {
        for server in servers { server.stop() }
    }
}

/// Where the emulators are reached; none ends with a slash.
package struct EmulatorURLs: Sendable, Hashable, Codable {
    /// For `CLOUDFLARE_API_URL`.
    package let cloudflare: String
    package let address: String
    /// Two services as of different operators, who agree unless a fault of one's path makes them differ: for `LANDFALL_IP`.
    package let addressServices: [String]
    /// The Web API's base.
    package let slack: String
    package let slackWebhook: String
    package let webhook: String
    package let control: String
}
