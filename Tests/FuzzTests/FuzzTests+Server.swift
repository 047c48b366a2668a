import Glibc
import HTTPServer
import Model
import TestSupport
import Testing
import Threads

/// Requests to the status page.
extension FuzzTests {
    private static let table = RouteTable(
        [
            .read("/") { _ in .text("page") },
            .read("/api/status") { request in .json(request.query) },
            Route("POST", "/once", access: .owner) { request in .text("\(request.body.count)") },
        ],
        hosts: HostNames(["status.example.org"])
    )

    private static let heads = Corpus.bytes(
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "HEAD /api/status?after=7 HTTP/1.1\r\nHost: 127.0.0.1:5263\r\n\r\n",
        """
        GET /api/status?after=9223372036854775807&b=%20 HTTP/1.1\r
        Host: status.example.org\r
        User-Agent: curl/7.88.1\r
        Accept: */*\r
        Connection: close\r
        \r

        """,
        "POST /once?confirm=1a HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 4\r\n\r\nbody",
        "POST /once HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n"
    )

    @Test func `whatever a client sends to the status page, it is answered or hung up on, and the next one is served`()
        async throws
    {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/landfall.sock"
        let server = try HTTPServer(listening: .unix(path: path, mode: 0o600)) { await Self.table.answer($0) }
        defer { server.stop() }
        try await fuzz("request heads", Self.heads) { input in
            // So much fits into a socket: neither side waits for the other one to read.
            let head = Array(input.bytes.prefix(16 << 10))
            let answer = try await blocking(named: "client") { Self.exchange(head, path) }
            try require(
                answer.isEmpty || answer.starts(with: "HTTP/1.1 ".utf8),
                "\(String(decoding: answer, as: UTF8.self))"
            )
            try require(answer.count <= 32 * head.count + (64 << 10), "an answer of \(answer.count) bytes")
            if input.chance.isSixteenth {
                let next = try await blocking(named: "client") { Self.exchange(Self.heads[0], path) }
                try require(next.starts(with: "HTTP/1.1 200 ".utf8), "the next client is not served")
            }
            return answer.starts(with: "HTTP/1.1 200 ".utf8)
        }
    }

    /// Sends the bytes on a connection of their own, and returns all that comes back.
    private static func exchange(_ bytes: [UInt8], _ path: String) -> [UInt8] {
        guard let descriptor = try? connectToSocket(at: path) else { return Array("no connection".utf8) }
        defer { close(descriptor) }
        sendAll(bytes, to: descriptor)
        // libmicrohttpd looks at an end that comes together with the bytes before it only when the request's time is over.
        while unread(descriptor) > 0 { sched_yield() }
        shutdown(descriptor, Int32(SHUT_WR))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return answer }
            answer += buffer.prefix(count)
        }
    }

    /// How many bytes the server has not read yet.
    private static func unread(_ descriptor: Int32) -> Int32 {
        var count: Int32 = 0
        return unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? count : 0
    }

    private static func sendAll(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    @Test func `under whatever name the status page is asked, only its own names get it`() async throws {
        let seeds = Corpus.bytes("localhost", "127.0.0.1:5263", "[::1]:5263", "STATUS.example.org.", "192.0.2.7")
        try await fuzz("Host", seeds) { input in
            let request = ServerRequest(method: "GET", path: "/", headers: ["host": String(outside: input.bytes)])
            let answer = await Self.table.answer(request)
            let text = String(decoding: answer.body, as: UTF8.self)
            try requireLine(text.split(separator: "\n").joined(), limit: 600, "the answer")
            try require([200, 421].contains(answer.status), "status \(answer.status)")
            return answer.status == 200
        }
    }
}

extension SeededRandom {
    fileprivate var isSixteenth: Bool {
        var chance = self
        return chance.next() % 16 == 0
    }
}
