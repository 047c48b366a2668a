import Model
import Ports
@testable import Recording
import TestSupport

/// Real input of decoders, from the recordings and other fixtures of real runs.
enum Corpus {
    /// What a port was asked, and what it answered.
    private struct Exchange {
        let port: String
        let request: String
        let bytes: [UInt8]
    }

    /// Longer ones say the same again and again.
    private static let longest = 4096

    private static let recordings = [
        "removal", "plain-engine", "first-deployment", "shared-and-wildcard", "renewal", "rate-limit", "image-update",
    ]

    private static let exchanges: [Exchange] = recordings.flatMap { name in
        let sessions = (try? RecordedSession.all(in: InputFile(FixtureFile("recordings/\(name).ndjson").file))) ?? []
        return sessions.flatMap { session in session.exchanges.compactMap { exchange(of: $0, session.blobs) } }
    }

    private static func exchange(of recorded: Recording.Exchange, _ blobs: RecordedBlobs) -> Exchange? {
        let bytes: [UInt8]? =
            switch recorded.port {
            case "http":
                if case .value(let answer)? = recorded.answer(HTTPResponse.self, TransportError.self, blobs: blobs) {
                    answer.body
                } else {
                    nil
                }
            case "file" where recorded.request.hasPrefix("read "):
                if case .value(let answer)? = recorded.answer(Bytes.self, FileError.self, blobs: blobs) {
                    answer.wrappedValue
                } else {
                    nil
                }
            default: nil
            }
        return bytes.map { Exchange(port: recorded.port, request: recorded.request, bytes: $0) }
    }

    /// Answers of servers to requests that begin so and end so, the shortest of them.
    static func answers(_ method: String, _ isWanted: (_ url: String) -> Bool) -> [[UInt8]] {
        chosen(exchanges.filter { $0.port == "http" && $0.request.hasPrefix(method + " ") && isWanted($0.request) })
    }

    /// Answers of the engine to a path without its version.
    static func engine(_ path: String) -> [[UInt8]] {
        answers("GET") { url in
            let asked = url.dropFirst("GET http://docker/v1.41".count).prefix { $0 != "?" }
            return url.hasPrefix("GET http://docker/v1.41") && asked == path
        }
    }

    /// Files whose paths end so.
    static func files(_ ending: String) -> [[UInt8]] {
        chosen(exchanges.filter { $0.port == "file" && $0.request.hasSuffix(ending) })
    }

    private static func chosen(_ exchanges: [Exchange]) -> [[UInt8]] {
        let all = Set(exchanges.map(\.bytes)).filter { (1...longest).contains($0.count) }
        return Array(all.sorted { ($0.count, $0.description) < ($1.count, $1.description) }.prefix(8))
    }

    /// Fixtures of a folder whose names end so, as far as `limit` bytes.
    static func fixtures(_ folder: String, _ ending: String, limit: Int = longest) throws -> [[UInt8]] {
        try FixtureFile.all(in: folder).filter { $0.path.hasSuffix(ending) }.map { Array(try $0.bytes().suffix(limit)) }
    }

    static func bytes(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }
}
