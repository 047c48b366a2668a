import Model
import Ports
import TestSupport
import Testing

/// Who reaches the status page.
@Suite(.limited(minutes: 5)) struct HostilePageTests {
    private static let paths = ["/", "/api/status", "/api/runs", "/metrics", "/healthz", "/readyz", "/events"]

    /// The answer's status, and all of it.
    private func ask(_ fixture: HostileFixture, _ request: String, from source: String = "127.0.0.1") async throws
        -> (status: Int, text: String)
    {
        let client = try RawClient(port: try fixture.pagePort, from: source)
        defer { client.close() }
        client.send("\(request)\r\nConnection: close\r\n\r\n")
        let text = try await client.readToEnd()
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, text)
    }

    @Test func `a page of another site reads nothing, whatever it asks for (DNS rebinding)`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            try await fixture.start(["LANDFALL_LISTEN_HOSTS": "status.example.org"])
            let port = try fixture.pagePort
            let hosts = [
                "attacker.example", "attacker.example:\(port)", "localhost.attacker.example", "127.0.0.1.nip.io",
                "status.example.org.attacker.example", "xstatus.example.org", "", "*",
            ]
            for host in hosts {
                for path in Self.paths {
                    let answer = try await ask(fixture, "GET \(path) HTTP/1.1\r\nHost: \(host)")
                    #expect([400, 421].contains(answer.status), "\(host) \(path): \(answer.status)")
                    #expect(!answer.text.contains("www.example.test"))
                }
            }
            for host in [
                "127.0.0.1:\(port)", "localhost", "[::1]:\(port)", "Status.Example.Org", "status.example.org:443",
            ] {
                #expect(try await ask(fixture, "GET /healthz HTTP/1.1\r\nHost: \(host)").status == 200, "\(host)")
            }
        }
    }

    @Test(arguments: [
        "POST /once", "POST /hook", "GET /explain?name=www.example.test", "POST /record", "GET /record?id=1",
        "DELETE /",
        "PUT /api/status", "CONNECT attacker.example:443", "GET /../state/state.sqlite", "GET //etc/passwd",
    ])
    func `the page changes nothing and shows nothing else`(request: String) async throws {
        try await HostileFixture.use { fixture in
            try await fixture.start()
            let answer = try await ask(fixture, "\(request) HTTP/1.1\r\nHost: localhost")
            #expect([0, 400, 404, 405].contains(answer.status), "\(answer.text)")
            #expect(fixture.endedRuns == 1)
        }
    }

    /// How slow connections begin.
    @Test(arguments: [
        "", "GET / HTTP/1.1\r\nHost: local", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
    ])
    func `slow connections of one client do not keep another one from the page`(beginning: String) async throws {
        try await HostileFixture.use { fixture in
            let daemon = try await fixture.start()
            let slow = (0..<64).compactMap { _ in try? RawClient(port: try fixture.pagePort) }
            defer { slow.forEach { $0.close() } }
            for client in slow { client.send(beginning) }
            for path in ["/healthz", "/metrics", "/"] {
                let answer = try await ask(fixture, "GET \(path) HTTP/1.1\r\nHost: localhost", from: "127.0.0.2")
                #expect(answer.status == 200, "\(path)")
            }
            #expect(try await fixture.command("health").end == .exited(0))
            #expect(try fixture.peakMemory(of: daemon) <= 64 << 20)
        }
    }

    @Test func `clients that follow the page's events, and read none, are bounded`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start()
            let clients = (0..<32).compactMap { _ in try? RawClient(port: try fixture.pagePort) }
            defer { clients.forEach { $0.close() } }
            for client in clients { client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n") }
            for _ in 0..<20 { _ = try await fixture.run() }
            #expect(try await ask(fixture, "GET /healthz HTTP/1.1\r\nHost: localhost", from: "127.0.0.2").status == 200)
            #expect(try fixture.peakMemory(of: daemon) <= 64 << 20)
        }
    }
}
