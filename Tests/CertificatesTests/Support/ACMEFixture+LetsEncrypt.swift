import Certificates
import Emulators
import HTTPServer
import Model
import Ports
import Transport

extension ACMEFixture {
    /// The same authority behind Let's Encrypt's rules.
    struct LetsEncrypt: Sendable {
        let proxy: LetsEncryptProxy
        /// For ordering there, with the rules that Landfall knows of.
        var settings: CertbotSettings
    }

    func withLetsEncrypt(
        _ rules: LetsEncryptProxy.Rules = .init(),
        _ body: (LetsEncrypt) async throws -> Void
    ) async throws {
        let transport = CurlTransport(.init(authorities: "\(scratch.path)/ca.pem", userAgent: "landfall-tests"))
        let path = "/dir"
        let upstream = String(settings.server.dropLast(path.count))
        let proxy = LetsEncryptProxy(before: upstream, transport: transport, rules: rules)
        let identity = HTTPServer.Identity(
            certificate: try scratch.text("server.pem"),
            key: try scratch.text("server.key")
        )
        let server = try HTTPServer(
            listening: .tcp(address: "127.0.0.1", port: 0),
            identity: identity,
            handler: proxy.handler
        )
        defer { server.stop() }
        var settings = settings
        settings.server = "https://localhost:\(server.port)\(path)"
        settings.rules = .letsEncrypt
        try await Self.awaitAnswer(settings.server, transport)
        try await body(LetsEncrypt(proxy: proxy, settings: settings))
    }
}
