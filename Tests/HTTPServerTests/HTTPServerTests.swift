import HTTPServer
import Model
import Ports
import TestSupport
import Testing
import Transport

@Suite struct HTTPServerTests {
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    private static let loopback = Listening.tcp(address: "127.0.0.1", port: 0)

    /// Says what it heard.
    @Sendable private static func echo(_ request: ServerRequest) async -> ServerResponse {
        let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
        let lines = [
            request.method, request.path, query, request.headers["x-one"] ?? "-",
            String(decoding: request.body, as: UTF8.self),
        ]
        var response = ServerResponse.text(lines.joined(separator: "\n"), status: 202)
        response.headers["X-Two"] = "2"
        return response
    }

    private func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await transport.send(request, for: .run)
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch, .delete])
    func `a handler sees the whole request and its answer comes back`(method: HTTPRequest.Method) async throws {
        let server = try HTTPServer(listening: Self.loopback, handler: Self.echo)
        defer { server.stop() }
        let url = "http://127.0.0.1:\(server.port)/a%20b/c?x=1%262&flag&empty="
        let request = HTTPRequest(method, url, headers: [HTTPHeader("X-One", "one")], body: Array("body".utf8))
        let response = try await send(request)
        #expect(response.status == 202)
        #expect(response.headers["x-two"] == "2")
        #expect(response.text == "\(method.rawValue)\n/a b/c\nempty=;flag=;x=1&2\none\nbody")
    }

    @Test func `a body of many pieces arrives whole, and one that is too long is answered with 413`() async throws {
        let server = try HTTPServer(listening: Self.loopback, bodyLimit: 1_000_000) { request in
            .text("\(request.body.count) \(request.body.reduce(0) { $0 &+ Int($1) })")
        }
        defer { server.stop() }
        let url = "http://127.0.0.1:\(server.port)/"
        let body = [UInt8](repeating: 7, count: 1_000_000)
        #expect(try await send(HTTPRequest(.post, url, body: body)).text == "1000000 7000000")
        let tooLong = try await send(HTTPRequest(.post, url, body: body + [7]))
        #expect(tooLong.status == 413)
        #expect(tooLong.text == "a body has at most 1000000 bytes\n")
        #expect(try await send(HTTPRequest(.post, url, body: [1])).text == "1 1")
    }

    @Test(.limited(minutes: 1))
    func `combining marks in a request's path and headers cost no time`() async throws {
        let server = try HTTPServer(listening: Self.loopback) { request in
            .text("\(request.headers["x-one"]?.unicodeScalars.count ?? 0) \(request.path.unicodeScalars.count)")
        }
        defer { server.stop() }
        let marks = "a" + String(repeating: "\u{316}\u{301}", count: 900)
        let url = "http://127.0.0.1:\(server.port)/\(percentEncoded(marks))"
        let headers = [HTTPHeader("X-One", marks), HTTPHeader("X-\(marks)", "two")]
        #expect(try await send(HTTPRequest(.get, url, headers: headers)).text == "31 32")
    }

    @Test func `slow handlers do not delay others`() async throws {
        let gate = TestGate()
        let server = try HTTPServer(listening: Self.loopback) { request in
            if request.path == "/slow" { await gate.wait() }
            return .text(request.path)
        }
        defer { server.stop() }
        let base = "http://127.0.0.1:\(server.port)"
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await self.send(HTTPRequest(.get, base + "/slow")).text } }
            await gate.waiters(100)
            #expect(try await send(HTTPRequest(.get, base + "/quick")).text == "/quick")
            gate.open()
            for try await text in group { #expect(text == "/slow") }
        }
    }

    @Test func `a handler that takes too long is cancelled, and the client gets 503`() async throws {
        var limits = HTTPServer.Limits()
        limits.answer = .milliseconds(20)
        let server = try HTTPServer(listening: Self.loopback, limits: limits) { _ in
            try? await Task.sleep(for: .seconds(3600))
            return .text("too late")
        }
        defer { server.stop() }
        let response = try await send(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"))
        #expect(response.status == 503)
        #expect(response.text == "no answer within 0.02 s\n")
    }

    @Test func `stopping ends waiting requests, cancels handlers and frees the port`() async throws {
        let gate = TestGate()
        let server = try HTTPServer(listening: Self.loopback) { _ in
            await gate.wait()
            return .text("never")
        }
        let url = "http://127.0.0.1:\(server.port)/"
        async let status = try? send(HTTPRequest(.get, url)).status
        await gate.waiters(1)
        server.stop()
        server.stop()
        #expect(await [503, nil].contains(status))
        await gate.waiters(0)
        await #expect(throws: TransportError.self) { try await send(HTTPRequest(.get, url)) }
        let next = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: server.port), handler: Self.echo)
        defer { next.stop() }
        #expect(try await send(HTTPRequest(.get, url)).status == 202)
    }

    @Test func `a taken port and a wrong address are errors that say so`() async throws {
        let server = try HTTPServer(listening: Self.loopback, handler: Self.echo)
        defer { server.stop() }
        #expect(throws: HTTPServerError.inUse("127.0.0.1:\(server.port)")) {
            try HTTPServer(listening: .tcp(address: "127.0.0.1", port: server.port), handler: Self.echo)
        }
        #expect(throws: HTTPServerError.notAnAddress("localhost")) {
            try HTTPServer(listening: .tcp(address: "localhost", port: 0), handler: Self.echo)
        }
    }

    @Test func `IPv6 works too`() async throws {
        let server = try HTTPServer(listening: .tcp(address: "::1", port: 0), handler: Self.echo)
        defer { server.stop() }
        #expect(try await send(HTTPRequest(.get, "http://[::1]:\(server.port)/")).status == 202)
    }

    @Test func `clients may connect and disconnect at any moment`() async throws {
        let server = try HTTPServer(listening: Self.loopback) { request in
            await Task.yield()
            return .text(String(repeating: "x", count: request.body.count))
        }
        let url = "http://127.0.0.1:\(server.port)/"
        let body = [UInt8](repeating: 1, count: 20_000)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<300 {
                group.addTask {
                    let task = Task { try await self.send(HTTPRequest(.post, url, body: body)) }
                    if index.isMultiple(of: 2) { await Task.yield() }
                    if index.isMultiple(of: 3) { task.cancel() }
                    _ = try? await task.value
                }
            }
        }
        #expect(try await send(HTTPRequest(.post, url, body: body)).body.count == body.count)
        server.stop()
    }
}
