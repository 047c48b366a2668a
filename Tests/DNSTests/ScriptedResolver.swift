import TestSupport
import DNS
import Model
import Ports
import Synchronization

/// Answers out of a table, for what real servers do only on a bad day.
final class ScriptedResolver: DNSClient {
    struct Line: Sendable {
        let name: String
        let kind: DNSQuestion.Kind
        let answer: DNSAnswer
    }

    private let lines: [Line]
    private let silentAfter: Int
    private let log = Mutex<[DNSQuestion]>([])

    /// A question that stands in no line is answered by nobody; a TXT question only `silentAfter` times.
    init(_ lines: [Line], silentAfter: Int = .max) { (self.lines, self.silentAfter) = (lines, silentAfter) }

    func questions(about name: String) -> Int { log.withLock { $0.count { $0.name == name } } }

    func query(_ question: DNSQuestion, at server: DNSServer, for scope: Scope) async throws(DNSQueryError) -> DNSAnswer
    {
        let asked = log.withLock { log in
            log.append(question)
            return log.count { $0 == question }
        }
        guard let line = lines.first(where: { $0.name == question.name && $0.kind == question.kind }),
            question.kind != .txt || asked <= silentAfter
        else { throw .unreachable(server) }
        return line.answer
    }
}

extension ScriptedResolver.Line {
    /// `name`'s answer of this kind: contents, an alias, or a bare code.
    static func answer(
        _ name: String,
        _ kind: DNSQuestion.Kind,
        _ contents: [String] = [],
        alias: String? = nil,
        code: Int = 0,
        authoritative: Bool = true
    ) -> Self {
        let records = contents.map { DNSAnswer.Record(name: name, kind: kind, content: $0) }
        let aliases = alias.map { [DNSAnswer.Record(name: name, kind: .cname, content: $0)] } ?? []
        let answer = DNSAnswer(code: code, authoritative: authoritative, answers: aliases + records)
        return Self(name: name, kind: kind, answer: answer)
    }

    /// The way to the one server of `example.test`.
    static let directions: [Self] = [
        .answer("example.test", .soa, ["ns1.example.test"]), .answer("example.test", .ns, ["ns1.example.test"]),
        .answer("ns1.example.test", .a, ["192.0.2.1"]),
    ]
}

extension PropagationResult {
    /// The servers that answered without the values.
    var withoutValue: [DNSServer]? { if case .absent(let servers, _) = self { servers } else { nil } }

    /// How they were found.
    var found: String? { if case .absent(_, let found) = self { found } else { nil } }
}
