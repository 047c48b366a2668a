import Emulators
import HTTPServer
import Model

/// The emulators on the sandbox's address.
final class EmulatedServices: Sendable {
    static let token = "sandbox-cloudflare-token"

    private let cloudflare: HTTPServer

    init(options: SandboxOptions, address: String, zones: any DNSPublisher) throws(HTTPServerError) {
        let emulator = CloudflareEmulator(
            zones: options.zones,
            credentials: [.token(Secret(Self.token))],
            publisher: zones
        )
        cloudflare = try HTTPServer(listening: .tcp(address: address, port: 0), handler: emulator.handler)
        self.address = address
    }

    private let address: String

    var environment: [String: String] {
        [
            "CLOUDFLARE_API_TOKEN": Self.token,
            "CLOUDFLARE_API_URL": "http://\(address):\(cloudflare.port)\(CloudflareEmulator.basePath)",
        ]
    }
}
