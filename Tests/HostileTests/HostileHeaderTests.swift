import Model
import Ports
import Report
import TestSupport
import Testing

/// Headers of answers and of requests, whatever is in them.
@Suite(.limited(minutes: 5)) struct HostileHeaderTests {
    private static let workLimit = Duration.seconds(20)
    private static let memoryLimit = 64 << 20

    private static func answer(_ headers: [String]) -> StubEngine.Answer {
        .raw("HTTP/1.1 200 OK\r\n\(headers.joined(separator: "\r\n"))\r\nConnection: close\r\n\r\n[]")
    }

    /// Near what curl takes: 100 kB in a line, and 300 kB in all.
    static let headers: [[String]] = [
        (0..<3).map { "X-\($0): \(HostileText.combiningMarks(bytes: 90_000))" },
        (0..<3).map { "\(HostileText.combiningMarks(bytes: 90_000))\($0): x" },
        (0..<20_000).map { "X-\($0): x" }, (0..<2000).map { "X: \($0)" },
        ["Content-Length: 2", "Api-Version: \(HostileText.combiningMarks(bytes: 60_000))"],
    ]

    @Test(arguments: headers.indices)
    func `headers of an answer cost no more than their length`(index: Int) async throws {
        try await HostileFixture.use { fixture in
            let daemon = try await fixture.start()
            fixture.docker.answer("/services", with: Self.answer(Self.headers[index]))
            for _ in 0..<3 { try await fixture.run() }
            #expect(daemon.isRunning)
            #expect(try fixture.processorTime(of: daemon) < Self.workLimit)
            #expect(try fixture.peakMemory(of: daemon) <= Self.memoryLimit)
            fixture.docker.set { $0.override = nil }
            #expect(try await fixture.run().isClean)
        }
    }

    /// What a client of the status page may send, each with as many marks as the server reads.
    static let requests: [String] = {
        let marks = HostileText.combiningMarks(bytes: 20_000)
        return [
            "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(marks)", "GET / HTTP/1.1\r\nHost: localhost\r\n\(marks): x",
            "GET / HTTP/1.1\r\nHost: \(marks)", "GET /\(marks) HTTP/1.1\r\nHost: localhost",
            "GET /api/status?after=\(marks)&\(marks)=x HTTP/1.1\r\nHost: localhost",
            "\(marks) / HTTP/1.1\r\nHost: localhost",
            "GET / HTTP/1.1\r\nHost: localhost\r\n\((0..<1000).map { "X-\($0): x" }.joined(separator: "\r\n"))",
            "GET /api/status?after=9223372036854775807 HTTP/1.1\r\nHost: localhost",
            "GET /api/status?after=-9223372036854775808 HTTP/1.1\r\nHost: localhost",
            "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9223372036854775807",
            "GET / HTTP/1.1\r\nHost: [", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: attacker.example",
        ]
    }()

    @Test func `requests of the status page cost no more than their length, whatever they hold`() async throws {
        try await HostileFixture.use { fixture in
            let daemon = try await fixture.start()
            for request in Self.requests {
                let client = try RawClient(port: try fixture.pagePort)
                client.send("\(request)\r\nConnection: close\r\n\r\n")
                _ = try await client.readToEnd()
                client.close()
            }
            #expect(try await fixture.askPage("/healthz").status == 200)
            #expect(try fixture.processorTime(of: daemon) < Self.workLimit)
            #expect(try fixture.peakMemory(of: daemon) <= Self.memoryLimit)
        }
    }
}
