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
            let starts = logLines("started").compactMap(\.listen)
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
    func logLines(_ message: String) -> [LogLine] {
        (Disk.text(log) ?? "").split(separator: "\n").compactMap { try? LogLine($0) }.filter { $0.message == message }
    }
}

/// One JSON line of the log.
struct LogLine {
    let fields: [String: JSONValue]

    init(_ line: Substring) throws {
        fields = try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
    }

    var message: String? { fields["message"]?.text }
    var listen: String? { fields["landfall.listen"]?.text }
    var changes: [String] { fields["landfall.changes"]?.items?.compactMap(\.text) ?? [] }
}
