import Glibc
import HTTPServer
import Model
import Ports
import Report
import TestSupport
import Testing
import Timing
import Transport
@testable import Status

@Suite struct EventTests {
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    @Test func `a subscriber gets every step of a run, and its end`() async throws {
        let board = Sample.board()
        let server = try HTTPServer(serving: board)
        defer { server.stop() }
        let stream = try await transport.stream(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/events"), for: .run)
        #expect(stream.headers["content-type"]?.hasPrefix("text/event-stream") == true)
        var heard = ""
        for try await chunk in stream.chunks {
            let isFirst = heard.isEmpty
            heard += String(decoding: chunk, as: UTF8.self)
            if isFirst { board.play(try Sample.report(hosts: 1), [Progress(.record, "a.example.org", .started)]) }
            if heard.contains("data: \(board.revision)\n") && heard.contains("event: step") { break }
        }
        #expect(heard.hasPrefix("retry: 2000\n\n"))
        #expect(heard.contains("event: status\ndata: 0\n\n"))
        #expect(heard.contains(#""stage":"record","state":"going","subject":"a.example.org""#))
    }

    @Test func `a client that does not read costs little, and delays no other client`() async throws {
        let board = Sample.board()
        let server = try HTTPServer(serving: board)
        defer { server.stop() }
        let base = "http://127.0.0.1:\(server.port)"
        let sleepers = try (0..<8).map { _ in
            try SilentClient(port: server.port, says: "GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        defer { for sleeper in sleepers { sleeper.hangUp() } }
        try await eventually("the subscribers") { board.subscriberCount == 8 }
        // Many times what all buffers on the way could hold.
        let text = String(repeating: "x", count: 280)
        board.began(RunCause(Trigger(.timer)), at: .zero)
        for number in 0..<40_000 { board.progressed(Progress(.record, "\(number % 500)", .step(text))) }
        let answer = try await transport.send(HTTPRequest(.get, base + "/readyz"), for: .run)
        #expect(answer.status == 200)
        board.ended(Sample.report(), at: .zero)
    }

    @Test func `a client that sends nothing, or half a request, delays no other client`() async throws {
        let board = Sample.board()
        let server = try HTTPServer(serving: board)
        defer { server.stop() }
        let silent = try (0..<20).map {
            try SilentClient(port: server.port, says: $0.isMultiple(of: 2) ? "" : "GET / HT")
        }
        defer { for client in silent { client.hangUp() } }
        let url = "http://127.0.0.1:\(server.port)/healthz"
        #expect(try await transport.send(HTTPRequest(.get, url), for: .run).status == 200)
    }

    @Test func `only so many watch at a time, and who leaves makes room`() async throws {
        let board = Sample.board()
        var watchers = (0..<32).map { _ in board.subscribe() }
        #expect(watchers.allSatisfy { $0 != nil })
        #expect(board.subscribe() == nil)
        watchers.removeLast()
        #expect(board.subscribe() != nil)
    }

    @Test func `the end of the daemon ends all streams`() async throws {
        let board = Sample.board()
        let server = try HTTPServer(serving: board)
        let stream = try await transport.stream(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/events"), for: .run)
        board.stop()
        var isOver = false
        do {
            for try await _ in stream.chunks {}
            isOver = true
        } catch is TransportError {
            isOver = true
        }
        #expect(isOver)
        server.stop()
    }

    @Test func `who has the latest status waits for the next one`() async throws {
        let board = Sample.board()
        async let next = board.document(after: board.revision, within: .seconds(60))
        try await eventually("the subscribers") { board.subscriberCount == 1 }
        board.connect()
        #expect(await next.engine.state == .following)
        #expect(await board.document(after: 0, within: .seconds(60)).engine.state == .following)
    }
}

/// A connection that says something once and never reads.
private struct SilentClient {
    private let descriptor: Int32

    init(port: UInt16, says text: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(code == 0)
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }

    func hangUp() { close(descriptor) }
}
