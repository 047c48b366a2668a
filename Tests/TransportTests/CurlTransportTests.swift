import Glibc
import Model
import Ports
import TestSupport
import Testing
import Threads
import Transport

@Suite struct CurlTransportTests {
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    @Test func `status, headers in lower case and body come back`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        try server.serveOne("HTTP/1.1 418 Teapot\r\nX-One:  1\r\nContent-Length: 2\r\n\r\nhi")
        let response = try await transport.send(HTTPRequest(.get, server.url), for: .run)
        #expect(response.status == 418)
        #expect(response.headers["x-one"] == "1")
        #expect(response.text == "hi")
    }

    @Test(arguments: [
        "X-A: b\r\n x\rfoo: baz\r\n", "\r: a\r\n", ":\r\n", ": \r\n", "no colon\r\n", "X:\r\r\r\n", "X\r: y\n",
    ])
    func `headers that are none break nothing`(line: String) async throws {
        let server = try CannedServer()
        defer { server.stop() }
        try server.serveOne("HTTP/1.1 200 OK\r\n\(line)Content-Length: 2\r\n\r\nhi")
        let response = try? await transport.send(HTTPRequest(.get, server.url), for: .run)
        #expect(response == nil || response?.status == 200)
    }

    @Test(.limited(minutes: 1))
    func `header lines of more than 8 KiB are passed over, and combining marks cost no time`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        let marks = "a" + String(repeating: "\u{316}\u{301}", count: 2000)
        let long = String(repeating: "x", count: 8200)
        let headers = (0..<10).map { "\(marks)\($0): \(marks)\r\n" }.joined() + "X-Long: \(long)\r\nX-One: 1\r\n"
        try server.serveOne("HTTP/1.1 200 OK\r\n\(headers)Content-Length: 0\r\n\r\n")
        let response = try await transport.send(HTTPRequest(.get, server.url), for: .run)
        #expect(response.headers["x-one"] == "1")
        #expect(response.headers["x-long"] == nil)
        #expect(response.headers.allSatisfy { $0.key.utf8.count < 100 && $0.value.utf8.count < 100 })
    }

    @Test func `a redirect is an answer, not a journey`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        try server.serveOne("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        #expect(try await transport.send(HTTPRequest(.get, server.url), for: .run).status == 302)
    }

    @Test func `a longer body than allowed is an error`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        try server.serveOne("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n01234567890")
        await #expect(throws: TransportError.tooLarge(limit: 10)) {
            try await transport.send(HTTPRequest(.get, server.url, bodyLimit: 10), for: .run)
        }
    }

    @Test func `a longer body than allowed is cut where the request says so, and the rest is read`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        let body = String(repeating: "0123456789", count: 10_000)
        try server.serveOne("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        var request = HTTPRequest(.get, server.url, bodyLimit: 15)
        request.cutsBody = true
        #expect(try await transport.send(request, for: .run).text == "012345678901234")
    }

    @Test func `a body that is cut short is an error`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        try server.serveOne("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123")
        await #expect(throws: TransportError.self) {
            try await transport.send(HTTPRequest(.get, server.url), for: .run)
        }
    }

    @Test func `a server that never answers costs the time limit and no more`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        try server.serveOne("", holdOpen: true)
        await #expect(throws: TransportError.timedOut(after: .milliseconds(80))) {
            try await transport.send(HTTPRequest(.get, server.url, timeLimit: .milliseconds(80)), for: .run)
        }
        try server.serveOne("", holdOpen: true)
        await #expect(throws: TransportError.timedOut(after: .milliseconds(80))) {
            try await transport.stream(HTTPRequest(.get, server.url, timeLimit: .milliseconds(80)), for: .run)
        }
    }

    @Test func `a closed port is unreachable`() async throws {
        let server = try CannedServer()
        server.stop()
        do {
            _ = try await transport.send(HTTPRequest(.get, server.url), for: .run)
            Issue.record("the request went through")
        } catch TransportError.unreachable {
        }
    }

    @Test func `a stream gives its status first and its chunks as they come, beyond the time limit`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        try server.serveOne("HTTP/1.1 200 OK\r\n\r\n{\"a\":1}\n", holdOpen: true)
        let request = HTTPRequest(.get, server.url, timeLimit: .milliseconds(500))
        let stream = try await transport.stream(request, for: .run)
        #expect(stream.status == 200)
        var received: [UInt8] = []
        for try await chunk in stream.chunks {
            received += chunk
            if received.count >= 8 { break }
        }
        #expect(String(decoding: received, as: UTF8.self) == "{\"a\":1}\n")
    }

    @Test func `cancelling the task ends the request`() async throws {
        let server = try CannedServer()
        defer { server.stop() }
        try server.serveOne("", holdOpen: true)
        let task = Task { try await transport.send(HTTPRequest(.get, server.url), for: .run) }
        task.cancel()
        await #expect(throws: TransportError.cancelled) { try await task.value }
    }

    @Test func `fifty requests go on beside an open stream`() async throws {
        let streaming = try CannedServer()
        try streaming.serveOne("HTTP/1.1 200 OK\r\n\r\n", holdOpen: true)
        let stream = try await transport.stream(HTTPRequest(.get, streaming.url), for: .run)
        defer { streaming.stop() }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                let server = try CannedServer()
                try server.serveOne("HTTP/1.1 204 No Content\r\n\r\n")
                group.addTask { try await transport.send(HTTPRequest(.get, server.url), for: .run).status }
            }
            for try await status in group { #expect(status == 204) }
        }
        #expect(stream.status == 200)
    }

    @Test(arguments: ["a\nX-Other: b", "a\r\n", "a\u{0}", "a\u{7F}"])
    func `a header that would become two is not sent`(value: String) async throws {
        let request = HTTPRequest(.get, "http://127.0.0.1:9/", headers: [HTTPHeader("X-One", secret: value)])
        let error = await #expect(throws: TransportError.self) { try await transport.send(request, for: .run) }
        #expect(error == .broken("a header of the request holds a control character"))
    }
}
