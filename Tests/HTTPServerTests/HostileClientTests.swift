import HTTPServer
import Model
import Ports
import TestSupport
import Testing
import Transport

@Suite(.limited(minutes: 1)) struct HostileClientTests {
    private static let loopback = Listening.tcp(address: "127.0.0.1", port: 0)

    @Test func `a request that trickles in is cut off at its time limit`() async throws {
        let clock = TestClock()
        var limits = HTTPServer.Limits()
        limits.request = .seconds(10)
        let server = try HTTPServer(listening: Self.loopback, limits: limits, clock: clock) { _ in .text("served") }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        defer { client.close() }
        client.send("GET / HTTP/1.1\r\n")
        for second in 0..<9 {
            await clock.sleepers(1)
            clock.advance(by: .seconds(1))
            client.send("X-\(second): trickle\r\n")
        }
        clock.advance(by: .seconds(1))
        #expect(try await client.readToEnd() == "")
    }

    @Test func `a body that trickles in is cut off, too`() async throws {
        let clock = TestClock()
        var limits = HTTPServer.Limits()
        limits.request = .seconds(10)
        let server = try HTTPServer(listening: Self.loopback, limits: limits, clock: clock) { _ in .text("served") }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        defer { client.close() }
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx")
        await clock.sleepers(1)
        clock.advance(by: .seconds(10))
        #expect(try await client.readToEnd() == "")
    }

    @Test func `an answer may take longer than its request`() async throws {
        let clock = TestClock()
        let gate = TestGate()
        var limits = HTTPServer.Limits()
        limits.request = .seconds(10)
        let server = try HTTPServer(listening: Self.loopback, limits: limits, clock: clock) { _ in
            await gate.wait()
            return .text("served")
        }
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        defer { client.close() }
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await gate.waiters(1)
        clock.advance(by: .seconds(20))
        gate.open()
        #expect(try await client.readToEnd().hasSuffix("served"))
    }

    @Test func `one client has so many connections at most`() async throws {
        var limits = HTTPServer.Limits()
        limits.connectionsPerClient = 2
        let server = try HTTPServer(listening: Self.loopback, limits: limits) { _ in .text("served") }
        defer { server.stop() }
        let silent = try (0..<2).map { _ in try RawClient(port: server.port) }
        let third = try RawClient(port: server.port)
        defer { third.close() }
        #expect(try await third.readToEnd() == "")
        silent.forEach { $0.close() }
        let served = try await eventually("a place is free again") { () -> String? in
            let client = try RawClient(port: server.port)
            defer { client.close() }
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            let text = try await client.readToEnd()
            return text.isEmpty ? nil : text
        }
        #expect(served.hasSuffix("served"))
    }
}

@Suite struct HostNamesTests {
    private let table = RouteTable(
        [.read("/") { _ in .text("page") }],
        hosts: HostNames(["Status.Example.org", "my_web"])
    )

    private func status(_ host: String?) async -> Int {
        let headers = host.map { ["host": $0] } ?? [:]
        return await table.answer(ServerRequest(method: "GET", path: "/", headers: headers)).status
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:5263", "192.0.2.7:80", "[::1]", "[2001:db8::1]:5263", "localhost", "LOCALHOST:5263",
        "localhost.", "status.example.org", "STATUS.example.org:443", "my_web:5263", nil,
    ])
    func `addresses, localhost and configured names are served`(host: String?) async {
        #expect(await status(host) == 200)
    }

    @Test(arguments: [
        "attacker.example", "attacker.example:5263", "localhost.attacker.example", "xlocalhost", "127.0.0.1.nip.io",
        "status.example.org.attacker.example", "", ":5263", "[attacker.example]", "[::1", "example.org",
    ])
    func `a name of somebody else is misdirected`(host: String) async {
        #expect(await status(host) == (host == "[::1" ? 200 : 421))
    }

    @Test func `the answer says which variable allows the name`() async {
        let request = ServerRequest(method: "GET", path: "/", headers: ["host": "\u{1B}[31mevil"])
        let answer = await table.answer(request)
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == "not served under the name ` [31mevil`; LANDFALL_LISTEN_HOSTS allows names\n"
        )
    }
}
