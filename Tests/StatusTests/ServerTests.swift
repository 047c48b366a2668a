import EventStream
import FoundationEssentials
import Glibc
import HTTPServer
import Model
import Ports
import Report
import TestSupport
import Testing
import Transport
@testable import Status

@Suite struct ServerTests {
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))
    private let board = Sample.board()

    private func withServer(_ body: (String) async throws -> Void) async throws {
        let server = try HTTPServer(serving: board)
        defer { server.stop() }
        try await body("http://127.0.0.1:\(server.port)")
    }

    private func get(_ url: String, _ method: HTTPRequest.Method = .get) async throws -> HTTPResponse {
        try await transport.send(HTTPRequest(method, url), for: .run)
    }

    @Test(arguments: ["/", "/metrics", "/healthz", "/readyz", "/api/status", "/api/runs", "/events", "/nowhere"])
    func `the server changes nothing, and every answer has a strict security policy`(path: String) async throws {
        try await withServer { base in
            for method in [HTTPRequest.Method.post, .put, .patch, .delete] {
                let answer = try await get(base + path, method)
                #expect(answer.status == 405)
                #expect(answer.headers["allow"] == "GET, HEAD")
            }
            guard path != "/events" else { return }
            let answer = try await get(base + path)
            #expect(answer.status == (path == "/nowhere" ? 404 : 200))
            #expect(answer.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["x-frame-options"] == "DENY")
            #expect(answer.headers["referrer-policy"] == "no-referrer")
            #expect(answer.headers["cache-control"] == "no-store")
        }
    }

    @Test func `the page's policy lets only what bears this answer's nonce run`() async throws {
        try await withServer { base in
            let (one, other) = (try await get(base + "/"), try await get(base + "/"))
            let policy = try #require(one.headers["content-security-policy"])
            #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("http"))
            let nonce = try #require(policy.firstMatch(of: #/'nonce-([0-9a-f]{32})'/#)?.1)
            #expect(one.text.contains("<script nonce=\"\(nonce)\">") && one.text.contains("<style nonce=\"\(nonce)\">"))
            #expect(!one.text.contains("{{nonce}}"))
            #expect(other.headers["content-security-policy"] != policy)
        }
    }

    @Test func `the page loads nothing from elsewhere, and writes no data as markup`() async throws {
        try await withServer { base in
            let page = try await get(base + "/").text
            for word in [
                "https://", "src=", "@import", "innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(",
            ] {
                #expect(!page.contains(word), "\(word)")
            }
            #expect(!page.replacing("http://www.w3.org/2000/svg", with: "").contains("http://www"))
        }
    }

    @Test func `programs get the status and the runs`() async throws {
        board.play(try Sample.report(hosts: 3))
        try await withServer { base in
            let status = try await get(base + "/api/status")
            let document = try JSONDecoder().decode(StatusDocument.self, from: Data(status.body))
            #expect(document.hosts?.count == 3)
            #expect(document.budgets == [Sample.budget])
            let runs = try await get(base + "/api/runs")
            #expect(try JSONDecoder().decode([RunSummary].self, from: Data(runs.body)) == document.runs)
        }
    }

    @Test func `what became different is in the next answer`() async throws {
        try await withServer { base in
            let before = try await get(base + "/api/status").text
            board.connect()
            let after = try await get(base + "/api/status").text
            #expect(before.contains(#""state":"connecting""#) && after.contains(#""state":"following""#))
        }
    }

    @Test func `health asks only whether the loops turn, and readiness whether a session began`() async throws {
        let clock = TestClock()
        let board = StatusHub(Sample.daemon, store: nil, clock: clock)
        let server = try HTTPServer(serving: board)
        defer { server.stop() }
        let base = "http://127.0.0.1:\(server.port)"
        #expect(try await get(base + "/readyz").status == 503)
        board.sessionBegan(StatusHub.Sources())
        #expect(try await get(base + "/readyz").status == 200)
        board.connectionChanged(.lost("no engine"))
        #expect(try await get(base + "/healthz").status == 200)
        clock.advance(by: .seconds(3600))
        let unhealthy = try await get(base + "/healthz")
        #expect(unhealthy.status == 503 && unhealthy.text == "no run is scheduled\n")
    }

    @Test func `it listens on a Unix socket as well`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s"
        let server = try HTTPServer(serving: board, at: .unix(path: path, mode: 0o660))
        defer { server.stop() }
        let request = HTTPRequest(.get, "http://landfall/readyz", peer: .unixSocket(path: path))
        #expect(try await transport.send(request, for: .run).text == "ready\n")
    }
}
