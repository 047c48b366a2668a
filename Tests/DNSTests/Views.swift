import DNS
import Model
import Ports
import Synchronization
import TestSupport

/// Servers that each have answers of their own. A server that has none for a question is silent.
final class Views: DNSClient {
    typealias Line = ScriptedResolver.Line

    static let resolver = "192.0.2.53:53"
    /// The server that only the inside knows.
    static let inside = "10.0.0.5:53"
    /// The provider's own.
    static let outside = "198.51.100.5:53"

    private let views: [String: [Line]]
    private let log = Mutex<[String]>([])

    init(_ views: [String: [Line]]) { self.views = views }

    /// `TXT _acme-challenge.www.example.test @198.51.100.5:53`
    var questions: [String] { log.withLock(\.self) }

    func query(_ question: DNSQuestion, at server: DNSServer, for scope: Scope) async throws(DNSQueryError) -> DNSAnswer
    {
        log.withLock { $0.append("\(question.kind.rawValue) \(question.name) @\(server)") }
        let line = views["\(server)"]?.first { $0.name == question.name && $0.kind == question.kind }
        guard let line else { throw .unreachable(server) }
        return line.answer
    }

    /// What a resolver for the inside says: `example.test` is at `ns.inside.test`, and the world outside is known too.
    static let insideView: [Line] = [
        .answer("example.test", .ns, ["ns.inside.test"]), .answer("ns.inside.test", .a, ["10.0.0.5"]),
        .answer("ada.ns.cloudflare.test", .a, ["198.51.100.5"]),
        .answer("example.test", .soa, ["ns.inside.test"]),
    ]

    static func list(_ server: String) -> ResolverList { DNSServer(server).map { [$0] } ?? [] }
}
