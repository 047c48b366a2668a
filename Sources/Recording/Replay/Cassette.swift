import Model
import Ports
import Synchronization

/// The answers of a recording, found again by what is asked: (port, scope, request, occurrence).
///
/// What was never asked in the recording has no answer; that it was asked now is noted.
final class Cassette: Sendable {
    /// How an answer is chosen among those to the same question.
    enum Choice: Sendable {
        /// The n-th time gets the n-th answer.
        case occurrence
        /// The last one that was given by now: for a replay that asks at other times than the recording did.
        case time
    }

    private struct Key: Hashable {
        let scope: String
        let request: String
    }

    private struct State {
        var asked: [Key: Int] = [:]
        /// Occurrences of requests with a body that were answered already.
        var spent: [Key: Set<Int>] = [:]
        var missing: [String] = []
        var differing: [String] = []
    }

    /// Notes beyond these are not kept.
    private static let noteLimit = 100

    let recording: RecordedSession
    private let clock: any Ports.Clock
    private let choice: Choice
    private let answers: [Key: [Exchange]]
    private let parts: [Int: [StreamPart]]
    private let state = Mutex(State())

    init(_ recording: RecordedSession, clock: any Ports.Clock, choice: Choice) {
        self.recording = recording
        self.clock = clock
        self.choice = choice
        answers = Dictionary(grouping: recording.exchanges) { Key(scope: $0.scope, request: $0.call.tapeRequest) }
            .mapValues { $0.sorted { $0.occurrence < $1.occurrence } }
        parts = Dictionary(grouping: recording.partsInTime, by: \.stream)
    }

    /// As of when an exchange is lived again: at its own time, so that what a replay need not compute makes nothing come
    /// earlier; or from now on, when that is over, or other times are tried.
    func start(of exchange: Exchange) -> Duration {
        let isAhead = choice == .occurrence && .nanoseconds(exchange.at + exchange.took) >= clock.uptime
        return isAhead ? .nanoseconds(exchange.at) : clock.uptime
    }

    /// Returns when an exchange is over.
    func live(_ exchange: Exchange) async throws {
        let end = start(of: exchange) + .nanoseconds(exchange.took)
        try await clock.sleep(for: end - clock.uptime)
    }

    /// Whether a question without an answer may still have waited for it when the recording was cut off.
    ///
    /// - Parameter limit: how long it would have waited.
    func isWaiting(within limit: Duration) -> Bool {
        recording.wasCutOff && clock.uptime + limit >= .nanoseconds(recording.length)
    }

    /// What was asked now and not in the recording.
    var missing: [String] { state.withLock(\.missing) }

    /// What was sent now with other words than in the recording.
    var differing: [String] { state.withLock(\.differing) }

    /// The answer to the next occurrence of a question. One that only reads, and is asked more often than in the
    /// recording, gets its last answer again.
    func answer(_ port: Port, _ request: String, for scope: Scope, isReading: Bool = true) -> Exchange? {
        let key = Key(scope: scope.description, request: port.rawValue + " " + request)
        let occurrence = count(key)
        guard let exchanges = answers[key] else { return note(key) }
        if choice == .time { return exchanges.last { $0.at <= clock.uptime.nanoseconds } ?? exchanges.first }
        let next = exchanges.partitioningIndex { $0.occurrence > occurrence }
        guard next > 0 else { return note(key) }
        let last = exchanges[next - 1]
        return isReading || last.occurrence == occurrence ? last : note(key)
    }

    /// The answer to a request with a body. Several of one certificate or host may go out in another order than they did,
    /// so what was sent finds its answer; failing that, the next one of the same kind is taken, and the difference noted.
    func answer(_ port: Port, _ request: String, body: [UInt8], for scope: Scope) -> Exchange? {
        let key = Key(scope: scope.description, request: port.rawValue + " " + request)
        let spent = state.withLock { $0.spent[key] ?? [] }
        let left = (answers[key] ?? []).filter { !spent.contains($0.occurrence) }
        let wanted = HTTPCall.timeless(body)
        let same = left.first { exchange in
            exchange.call.body.map { HTTPCall.timeless(recording.bytes(of: $0)) } == wanted
        }
        guard let exchange = same ?? left.first else { return choice == .time ? answers[key]?.last : note(key) }
        state.withLock { state in
            state.spent[key, default: []].insert(exchange.occurrence)
            if same == nil, state.differing.count < Self.noteLimit { state.differing.append(request) }
        }
        return exchange
    }

    /// What arrived in a stream, in order.
    func parts(of stream: Int?) -> [StreamPart] {
        stream.flatMap { parts[$0] } ?? []
    }

    private func count(_ key: Key) -> Int {
        state.withLock { state in
            state.asked[key, default: 0] += 1
            return state.asked[key] ?? 1
        }
    }

    private func note(_ key: Key) -> Exchange? {
        state.withLock { state in
            guard state.missing.count < Self.noteLimit else { return }
            state.missing.append("\(key.request) (\(key.scope))")
        }
        return nil
    }
}

enum Port: String {
    case http, process, dns, update, file, lock, key, interface, probe, chance
}

extension Call {
    fileprivate var tapeRequest: String {
        let port: Port =
            switch self {
            case .http: .http
            case .process: .process
            case .dns: .dns
            case .update: .update
            case .file: .file
            case .lock: .lock
            case .key: .key
            case .interface: .interface
            case .probe: .probe
            case .chance: .chance
            }
        return port.rawValue + " " + request
    }

    /// What was sent along.
    fileprivate var body: Payload? {
        switch self {
        case .http(let call): call.body
        case .process(let call): call.input
        default: nil
        }
    }
}

extension Array {
    /// The index of the first element that satisfies `belongs`, where all that do come after all that do not.
    fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
