import FoundationEssentials
import Model
import Ports
import Status
import TestSupport
import Transport

/// What the running daemon shows of itself.
extension SandboxFixture {
    /// Where the daemon started last serves its status page, without a final slash.
    func pageURL() async throws -> String {
        try await eventually("the status page's address") {
            let starts = logLines("started").compactMap { $0["listen"] }
            return starts.last.map { "http://\($0)" }
        }
    }

    func ask(_ path: String) async throws -> HTTPResponse {
        let transport = CurlTransport(.init(userAgent: "landfall-tests"))
        return try await transport.send(HTTPRequest(.get, try await pageURL() + path), for: .run)
    }

    func status() async throws -> StatusDocument {
        try JSONDecoder().decode(StatusDocument.self, from: Data(try await ask("/api/status").body))
    }

    /// The log's lines with a message, as they came.
    func logLines(_ message: String) -> [[String: String]] {
        (Disk.text(log) ?? "").split(separator: "\n").compactMap { line in
            try? JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        }.filter { $0["message"] == message }
    }
}
