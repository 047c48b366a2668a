import Model
import Timing
import Transport

/// Who said what to whom in one run, as the recording has it.
struct RunMessages {
    struct Message: Hashable {
        let from: String
        let to: String
        let text: String
        let reply: String?
    }

    static let landfall = "Landfall"

    let title: String
    /// In order; many of one kind in a row, as to all servers of a zone, are counted.
    private(set) var messages: [(message: Message, count: Int)] = []

    /// Nil when the recording has no such run.
    ///
    /// - Parameter number: 1 is the first run of the recording.
    init?(_ recording: RecordedSession, run number: Int) {
        guard let run = recording.runs.dropFirst(number - 1).first, number > 0 else { return nil }
        title = "run \(number): \(run.cause.reasons.joined(separator: ", "))"
        let exchanges = recording.exchanges.filter { run.span.contains($0.at) }.compactMap { exchange in
            exchange.message.map { (exchange.at, $0) }
        }
        let calls = recording.arrivals.filter { run.span.contains($0.at) }.compactMap { arrival in
            arrival.message.map { (arrival.at, $0) }
        }
        for (_, message) in (exchanges + calls).sorted(by: { $0.0 < $1.0 }) { append(message) }
    }

    private mutating func append(_ message: Message) {
        if let last = messages.indices.last, messages[last].message == message {
            messages[last].count += 1
        } else {
            messages.append((message, 1))
        }
    }
}

extension Exchange {
    fileprivate var message: RunMessages.Message? {
        switch call {
        case .http(let call):
            let host = scope == Scope.engine.description ? "Docker engine" : call.host
            return .init(from: RunMessages.landfall, to: host, text: call.words, reply: call.reply)
        case .process(let call):
            let program = call.arguments.first.map { String($0.split(separator: "/").last ?? "") } ?? "program"
            return .init(from: RunMessages.landfall, to: program, text: scope, reply: call.reply)
        case .dns(let call):
            let server = call.recursionDesired ? "resolvers" : "name servers"
            return .init(from: RunMessages.landfall, to: server, text: "\(call.kind) \(call.name)", reply: call.reply)
        case .file, .lock, .key, .chance: return nil
        }
    }
}

extension Arrival {
    fileprivate var message: RunMessages.Message? {
        guard case .hook(_, let action, let domain, _, _) = content else { return nil }
        return .init(from: "certbot", to: RunMessages.landfall, text: "hook \(action) \(domain)", reply: nil)
    }
}

extension HTTPCall {
    private var address: Substring { url.drop { $0 != "/" }.dropFirst(2) }

    fileprivate var host: String { String(address.prefix { $0 != "/" && $0 != "?" }) }

    /// `GET /zones`: long queries tell nobody anything.
    fileprivate var words: String {
        let path = address.drop { $0 != "/" }.prefix { $0 != "?" }
        return "\(method) \(path.isEmpty ? "/" : path)"
    }

    fileprivate var reply: String {
        switch answer {
        case .value(let response): "\(response.status)"
        case .failure(let failure): "\(failure.error)"
        }
    }
}

extension ProcessCall {
    fileprivate var reply: String {
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
    fileprivate var reply: String {
        switch answer {
        case .value(let response): response.answers.isEmpty ? "nothing" : "\(response.answers.count) records"
        case .failure(let failure): failure.rawValue
        }
    }
}
