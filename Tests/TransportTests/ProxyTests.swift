import Model
import Ports
import Testing
import Transport

/// Requests while the environment names a proxy.
@Suite struct ProxyTests {
    private func transport(_ environment: [String: String]) -> CurlTransport {
        CurlTransport(.init(userAgent: "landfall-tests", proxies: ProxyEnvironment(environment)))
    }

    private func failure(_ request: HTTPRequest, _ environment: [String: String]) async -> TransportError? {
        do {
            _ = try await transport(environment).send(request, for: .run)
            return nil
        } catch {
            return error
        }
    }

    private func answer(_ status: Int) -> String { "HTTP/1.1 \(status) OK\r\nContent-Length: 0\r\n\r\n" }

    @Test func `a request goes through the proxy, unless it is direct or its host is an exception`() async throws {
        let (proxy, server) = (try CannedServer(), try CannedServer())
        defer { for server in [proxy, server] { server.stop() } }
        let environment = ["http_proxy": proxy.url, "no_proxy": "example.test,127.0.0.2"]
        try proxy.serveOne(answer(210))
        try server.serveOne(answer(211))
        let transport = transport(environment)
        #expect(try await transport.send(HTTPRequest(.get, server.url), for: .run).status == 210)
        #expect(try await transport.send(HTTPRequest(.get, server.url, isDirect: true), for: .run).status == 211)

        try server.serveOne(answer(212))
        let exempt = self.transport(environment.merging(["no_proxy": "127.0.0.1"]) { $1 })
        #expect(try await exempt.send(HTTPRequest(.get, server.url), for: .run).status == 212)
    }

    @Test func `an error of the proxy names its variable`() async throws {
        let closed = try CannedServer()
        closed.stop()
        let request = HTTPRequest(.get, "https://api.example.test/")
        for name in ["https_proxy", "HTTPS_PROXY", "all_proxy"] {
            guard case .unreachable(let reason, nil)? = await failure(request, [name: closed.url]) else {
                Issue.record("the request went through")
                continue
            }
            #expect(reason.hasPrefix("through the proxy that \(name) names: "), "\(reason)")
        }

        let forbidding = try CannedServer()
        defer { forbidding.stop() }
        try forbidding.serveOne("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        let forbidden = await failure(request, ["https_proxy": forbidding.url])
        #expect(
            forbidden?.description.hasPrefix("through the proxy that https_proxy names: ") == true,
            "\(forbidden as Any)"
        )

        try forbidding.serveOne("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        let login = await failure(HTTPRequest(.get, "http://api.example.test/"), ["http_proxy": forbidding.url])
        #expect(login == .unreachable("through the proxy that http_proxy names: it wants a login"))

        try forbidding.serveOne("", holdOpen: true)
        let patient = HTTPRequest(.get, "https://api.example.test/", timeLimit: .milliseconds(80))
        let silent = await failure(patient, ["https_proxy": forbidding.url])
        #expect(silent == .timedOut(after: .milliseconds(80), proxy: "https_proxy"))
        #expect(silent?.description == "no answer within 0.08 s through the proxy that https_proxy names")
    }

    @Test func `an error of a direct request does not`() async throws {
        let closed = try CannedServer()
        closed.stop()
        let request = HTTPRequest(.get, closed.url, isDirect: true)
        let error = await failure(request, ["http_proxy": closed.url])
        #expect(error?.description.contains("proxy") == false)
    }

    @Test(
        arguments: [
            ("https://api.example.test/x", "https_proxy"), ("http://api.example.test", "ALL_PROXY"),
            ("https://www.exempt.test:8443/", nil), ("https://exempt.test?x", nil),
            ("https://notexempt.test/", "https_proxy"),
            ("https://[::1]:5000/", nil), ("https://INTERNAL.test", nil),
        ] as [(String, String?)]
    )
    func `the variable of a URL is found as curl finds it`(url: String, expected: String?) {
        let environment = ProxyEnvironment([
            "https_proxy": "http://one:3128", "HTTPS_PROXY": "http://two:3128", "HTTP_PROXY": "http://three:3128",
            "ALL_PROXY": "http://four:3128", "http_proxy": "", "NO_PROXY": "exempt.test, .internal.test ::1",
        ])
        #expect(environment.variable(forURL: url) == expected)
    }

    @Test func `a star is an exception for everything`() {
        #expect(
            ProxyEnvironment(["https_proxy": "http://one", "no_proxy": "*"]).variable(forURL: "https://a.test/") == nil
        )
    }
}
