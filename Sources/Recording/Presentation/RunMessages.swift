import Model
import Ports

/// Who said what to whom in one run, as the recording has it.
struct RunMessages {
    struct Message: Hashable {
        let from: String
        let to: String
        let text: String
        let isReply: Bool
    }

    static let landfall = "Landfall"

    let title: String
    /// In order. A question that was put several times in a row and got the same answer each time is there once, counted.
    private(set) var messages: [(message: Message, count: Int)] = []

    init(_ recording: RecordedSession, _ run: RecordedSession.Run, title: String) {
        self.title = title
        let exchanges = recording.exchanges.filter { $0.scope != Scope.events.description }
        let spoken =
            exchanges.filter { run.span.contains($0.at) }.flatMap(\.spoken)
            + recording.arrivals.filter { run.span.contains($0.at) }.flatMap(\.spoken)
        let inOrder = spoken.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        for (_, spoken) in inOrder { append(spoken.message) }
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

private typealias Spoken = (at: Nanoseconds, message: RunMessages.Message)

extension Exchange {
    fileprivate var spoken: [Spoken] {
        guard let (peer, question, answer) = words else { return [] }
        return [
            (at, .init(from: RunMessages.landfall, to: peer, text: question, isReply: false)),
            (at + took, .init(from: peer, to: RunMessages.landfall, text: answer, isReply: true)),
        ]
    }

    private var words: (peer: String, question: String, answer: String)? {
        switch call {
        case .http(let call):
            (scope == Scope.engine.description ? "Docker engine" : call.host, call.question, call.words)
        case .process(let call):
            (call.arguments.first.map { String($0.split(separator: "/").last ?? "") } ?? "program", scope, call.words)
        case .dns(let call):
            (call.recursionDesired ? "resolvers" : "name servers", "\(call.kind) \(call.name)", call.words)
        case .update(let call): ("primary server", call.question, call.words)
        case .file, .lock, .key, .interface, .probe, .chance: nil
        }
    }
}

extension Arrival {
    fileprivate var spoken: [Spoken] {
        guard case .hook(_, let action, let domain, _, _) = content else { return [] }
        let text = "hook \(action) \(domain)"
        return [(at, .init(from: "certbot", to: RunMessages.landfall, text: text, isReply: false))]
    }
}

extension HTTPCall {
    private var address: Substring { url.drop { $0 != "/" }.dropFirst(2) }

    fileprivate var host: String { String(address.prefix { $0 != "/" && $0 != "?" }) }

    /// `GET /zones/3aade5…/dns_records`: queries and whole identifiers tell nobody anything.
    fileprivate var question: String {
        let path = address.drop { $0 != "/" }.prefix { $0 != "?" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { part in
            part.count >= 20 && part.allSatisfy(\.isHexDigit) ? "\(part.prefix(6))…" : String(part)
        }
        return "\(method) \(path.isEmpty ? "/" : parts.joined(separator: "/"))"
    }

    fileprivate var words: String {
        switch answer {
        case .value(let response): "\(response.status)"
        case .failure(let failure): "\(failure.error)"
        }
    }
}

extension ProcessCall {
    fileprivate var words: String {
        switch answer {
        case .value(let result):
            switch result.end {
            case .exited(let status): "exit status \(status)"
            case .signalled(let signal): "ended by signal \(signal)"
            case .timedOut: "ended after its time limit"
            case .cancelled: "ended with Landfall"
            }
        case .failure(.notFound): "not installed"
        case .failure(.notStarted(_, let reason)): reason
        }
    }
}

extension DNSCall {
    fileprivate var words: String {
        switch answer {
        case .value(let response):
            switch response.answers.count {
            case 0: "nothing"
            case 1: "1 record"
            case let count: "\(count) records"
            }
        case .failure(let failure): failure.rawValue
        }
    }
}

extension UpdateCall {
    /// `UPDATE example.test (3)`: so many changes.
    fileprivate var question: String {
        let lines = message.split(separator: "\n")
        let zone = lines.first.map { $0.split(separator: " ").last ?? $0 } ?? ""
        let changes = lines.filter { $0.hasPrefix("update ") }.count
        return operation == .transfer ? "AXFR \(zone)" : "UPDATE \(zone) (\(changes))"
    }

    fileprivate var words: String {
        switch answer {
        case .value(.records): "the zone"
        case .value(.done): "done"
        case .failure(.refused(let code, _)): "refused with \(code)"
        case .failure(.unreachable(let reason)): reason
        case .failure(.silent): "nothing"
        case .failure: "what is no answer"
        }
    }
}
