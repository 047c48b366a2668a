import Model
import Ports

/// The messages of one run, between Landfall and what it talks to.
struct RunMessages {
    struct Message: Hashable {
        let from: String
        let to: String
        let text: String
        let isReply: Bool
    }

    static let landfall = "Landfall"

    let title: String
    /// In order. A question that was repeated and got the same answer each time is listed once, with a count.
    private(set) var messages: [(message: Message, count: Int)] = []

    init(_ recording: RecordedSession, _ run: RecordedSession.Run, title: String) {
        self.title = title
        let exchanges = recording.exchanges.filter { $0.scope != Scope.events.description }
        let messages =
            exchanges.filter { run.span.contains($0.at) }.flatMap { $0.messages(recording.blobs) }
            + recording.arrivals.filter { run.span.contains($0.at) }.flatMap(\.messages)
        let inOrder = messages.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        for (_, timed) in inOrder { append(timed.message) }
    }

    private mutating func append(_ message: Message) {
        messages.append((message, 1))
        guard message.isReply, messages.count >= 4 else { return }
        let pair = messages.suffix(2).map(\.message)
        guard pair[0].to == message.from, messages.dropLast(2).suffix(2).map(\.message) == pair else { return }
        messages.removeLast(2)
        messages[messages.count - 2].count += 1
    }
}

private typealias TimedMessage = (at: Nanoseconds, message: RunMessages.Message)

extension Exchange {
    fileprivate func messages(_ blobs: RecordedBlobs) -> [TimedMessage] {
        guard let (peer, question, answer) = text(blobs) else { return [] }
        return [
            (at, .init(from: RunMessages.landfall, to: peer, text: question, isReply: false)),
            (at + took, .init(from: peer, to: RunMessages.landfall, text: answer, isReply: true)),
        ]
    }

    private func text(_ blobs: RecordedBlobs) -> (peer: String, question: String, answer: String)? {
        let words = request.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 2 else { return nil }
        switch port {
        case "http":
            let (host, path) = place(of: words[1])
            let peer = scope == Scope.engine.description ? "Docker engine" : host
            return (peer, "\(words[0]) \(path)", httpAnswer(blobs))
        case "process":
            return (words[0].split(separator: "/").last.map(String.init) ?? "program", scope, processAnswer(blobs))
        case "dns":
            switch words[0] {
            case "AXFR": return ("primary server", "AXFR \(words[1])", updateAnswer(Bytes.self, "the zone", blobs))
            case "UPDATE":
                let changes = request.split(separator: "\n").count { $0.hasPrefix("update ") }
                let question = "UPDATE \(words[1]) (\(changes))"
                return ("primary server", question, updateAnswer(Done.self, "done", blobs))
            default:
                let peer = words.last == "rd" ? "resolvers" : "name servers"
                return (peer, "\(words[0]) \(words[1])", queryAnswer(blobs))
            }
        default: return nil
        }
    }

    private func httpAnswer(_ blobs: RecordedBlobs) -> String {
        switch answer(HTTPStatus.self, TransportError.self, blobs: blobs) {
        case .value(let response): "\(response.status)"
        case .failure(let error): "\(error)"
        case .withheld, nil: "?"
        }
    }

    private func processAnswer(_ blobs: RecordedBlobs) -> String {
        switch answer(ProcessResult.self, ProcessError.self, blobs: blobs) {
        case .value(let result):
            switch result.end {
            case .exited(let status): "exit status \(status)"
            case .signalled(let signal): "ended by signal \(signal)"
            case .timedOut: "ended after its time limit"
            case .cancelled: "ended with Landfall"
            }
        case .failure(.notFound): "not installed"
        case .failure(.notStarted(_, let reason)): reason
        case .withheld, nil: "?"
        }
    }

    private func queryAnswer(_ blobs: RecordedBlobs) -> String {
        switch answer(DNSAnswer.self, DNSQueryError.self, blobs: blobs) {
        case .value(let answer):
            switch answer.answers.count {
            case 0: "nothing"
            case let count: "\(count) record\(count == 1 ? "" : "s")"
            }
        case .failure(.unreachable): "unreachable"
        case .failure(.malformed): "malformed"
        case .withheld, nil: "?"
        }
    }

    private func updateAnswer<Value: Codable & Sendable>(
        _ value: Value.Type,
        _ success: String,
        _ blobs: RecordedBlobs
    ) -> String {
        switch answer(value, DNSUpdateError.self, blobs: blobs) {
        case .value: success
        case .failure(.refused(let code, _)): "refused with \(code)"
        case .failure(.unreachable(let reason)): reason
        case .failure(.silent): "no answer"
        case .failure: "an invalid answer"
        case .withheld, nil: "?"
        }
    }
}

/// The part of an answer that a response and a stream have in common.
private struct HTTPStatus: Codable, Sendable {
    let status: Int
}

extension Arrival {
    fileprivate var messages: [TimedMessage] {
        guard case .hook(_, let action, let domain, _, _) = content else { return [] }
        let text = "hook \(action) \(domain)"
        return [(at, .init(from: "certbot", to: RunMessages.landfall, text: text, isReply: false))]
    }
}

/// The host of a URL and its path, `/zones/3aade5…/dns_records`: without the query, and with long identifiers cut off.
private func place(of url: String) -> (host: String, path: String) {
    let address = url.drop { $0 != "/" }.dropFirst(2)
    let parts = address.drop { $0 != "/" }.prefix { $0 != "?" }
        .split(separator: "/", omittingEmptySubsequences: false)
        .map { $0.count >= 20 && $0.allSatisfy(\.isHexDigit) ? "\($0.prefix(6))…" : String($0) }
    return (String(address.prefix { $0 != "/" && $0 != "?" }), parts.isEmpty ? "/" : parts.joined(separator: "/"))
}
