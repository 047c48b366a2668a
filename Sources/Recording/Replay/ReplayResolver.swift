import DNS
import Model
import Ports
import Timing

/// DNS as it was answered in a recording.
struct ReplayResolver: DNSResolver {
    let tape: Cassette
    let clock: VirtualTime

    /// No question to a server takes as long.
    private static let limit = Duration.seconds(10)

    func query(_ question: DNSQuestion, at server: DNSServer, for scope: Scope) async throws(DNSQueryError) -> DNSAnswer
    {
        let request = DNSCall.request(question, at: server)
        guard let exchange = tape.answer(.dns, request, for: scope), case .dns(let call) = exchange.call else {
            if tape.isWaiting(within: Self.limit) { try? await clock.sleep(for: .seconds(1 << 40)) }
            throw .unreachable(server)
        }
        do { try await tape.live(exchange) } catch { throw .unreachable(server) }
        switch call.answer {
        case .value(let response): return response.answer
        case .failure(.unreachable): throw .unreachable(server)
        case .failure(.malformed): throw .malformed(server)
        }
    }
}

extension DNSCall {
    static func request(_ question: DNSQuestion, at server: DNSServer) -> String {
        request(question.kind.rawValue, question.name, server.description, question.recursionDesired)
    }
}

extension DNSCall.Response {
    fileprivate var answer: DNSAnswer {
        DNSAnswer(
            code: code,
            authoritative: authoritative,
            answers: answers.compactMap(\.record),
            authority: authority.compactMap(\.record),
            additional: additional.compactMap(\.record)
        )
    }
}

extension DNSCall.Record {
    fileprivate var record: DNSAnswer.Record? {
        DNSQuestion.Kind(rawValue: kind).map { DNSAnswer.Record(name: name, kind: $0, content: content) }
    }
}
