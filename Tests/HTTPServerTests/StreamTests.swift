import HTTPServer
import Model
import Ports
import Testing
import Transport

@Suite struct StreamTests {
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    private func server(_ stream: ServerStream) throws -> HTTPServer {
        try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0)) { _ in
            ServerResponse(headers: ["Content-Type": "text/plain"], stream: stream)
        }
    }

    private func open(_ server: HTTPServer) async throws -> HTTPStream {
        try await transport.stream(HTTPRequest(.get, "http://127.0.0.1:\(server.port)/"), for: .run)
    }

    @Test func `what is written over time arrives over time, and then the end`() async throws {
        let stream = ServerStream()
        let server = try server(stream)
        defer { server.stop() }
        stream.write(Array("one;".utf8))
        var (heard, pieces) = ("", 0)
        for try await chunk in try await open(server).chunks {
            heard += String(decoding: chunk, as: UTF8.self)
            pieces += 1
            // Only what was heard is followed by more.
            switch heard {
            case "one;": stream.write(Array("two;".utf8))
            case "one;two;":
                stream.write([UInt8](repeating: 0x78, count: 100_000))
                stream.end()
            default: break
            }
        }
        #expect(heard.hasPrefix("one;two;xxx") && heard.utf8.count == 100_008)
        #expect(pieces >= 3)
        #expect(stream.write([1]) == false)
    }

    @Test func `a stream that exceeds its limit ends without blocking`() {
        let stream = ServerStream(limit: 10)
        #expect(stream.write([UInt8](repeating: 1, count: 10)))
        #expect(!stream.write([1]))
        #expect(!stream.write([]))
    }

    @Test func `a disconnected client is noticed at the next write`() async throws {
        let stream = ServerStream()
        let server = try server(stream)
        defer { server.stop() }
        let (gone, continuation) = AsyncStream.makeStream(of: Void.self)
        stream.write(Array("hello".utf8))
        let reading = Task {
            for try await _ in try await open(server).chunks { return }
        }
        try await reading.value
        stream.onDisconnect { continuation.finish() }
        let writing = Task {
            while stream.write(Array("more".utf8)) { await Task.yield() }
        }
        for await _ in gone {}
        await writing.value
        #expect(!stream.write([1]))
    }

    @Test func `stopping the server ends its streams`() async throws {
        let stream = ServerStream()
        let server = try server(stream)
        stream.write(Array("hello".utf8))
        let opened = try await open(server)
        var chunks = opened.chunks.makeAsyncIterator()
        #expect(try await chunks.next() == Array("hello".utf8))
        let (gone, continuation) = AsyncStream.makeStream(of: Void.self)
        stream.onDisconnect { continuation.finish() }
        server.stop()
        for await _ in gone {}
        #expect(!stream.write([1]))
    }
}
