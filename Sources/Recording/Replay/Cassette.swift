import Model
import Ports
import Synchronization
import Timing

/// The answers of a recording: the n-th time a question is asked, it gets its n-th answer, whatever is asked in between.
///
/// A question that only reads and is asked more often than recorded gets its last answer again. A request for a change
/// that is made more often has no answer, like a question that was never recorded (`missing`). Therefore a replay
/// tolerates another order of reads, and notices a new effect.
final class Cassette: Sendable {
    /// Why a question has no answer.
    static let isMissing = "it is not in the recording"

    private struct Key: Hashable {
        let port: String
        let scope: String
        let request: String

        init(port: String, scope: String, request: String) {
            (self.port, self.scope, self.request) = (port, scope, Self.unfiltered(request))
        }

        /// Which events the engine is asked for makes no difference: what matters is decided of those that came.
        private static func unfiltered(_ request: String) -> String {
            guard let mark = request.firstIndex(of: "?"), request[..<mark].hasSuffix("/events") else { return request }
            return String(request[..<mark])
        }
    }

    private struct State {
        var asked: [Key: Int] = [:]
        /// The occurrences of requests with a body that were answered already.
        var answered: [Key: Set<Int>] = [:]
        var missing: [String] = []
        var differing: [String] = []
    }

    /// How many deviations of a kind are kept.
    private static let deviationLimit = 100

    let recording: RecordedSession
    let clock: VirtualTime
    /// Whether the n-th time gets the n-th answer. If not, because things are asked at other times than they were recorded, a
    /// question gets the last answer that was given by now.
    private let isFaithful: Bool
    private let exchanges: [Key: [Exchange]]
    private let parts: [Int: [StreamPart]]
    private let state = Mutex(State())

    init(_ recording: RecordedSession, _ parts: [StreamPart], clock: VirtualTime, isFaithful: Bool) {
        (self.recording, self.clock, self.isFaithful) = (recording, clock, isFaithful)
        exchanges = Dictionary(grouping: recording.exchanges) {
            Key(port: $0.port, scope: $0.scope, request: $0.request)
        }.mapValues { $0.sorted { $0.occurrence < $1.occurrence } }
        self.parts = Dictionary(grouping: parts, by: \.stream)
    }

    /// When an exchange begins in the replay: at its own time, though the replay may be ahead; now, if that is over or
    /// other times are tried.
    func start(of exchange: Exchange) -> Duration {
        let isAhead = isFaithful && .nanoseconds(exchange.at + exchange.took) >= clock.uptime
        return isAhead ? .nanoseconds(exchange.at) : clock.uptime
    }

    /// Returns when an exchange is over.
    func live(_ exchange: Exchange) async throws {
        try await clock.sleep(until: start(of: exchange) + .nanoseconds(exchange.took))
    }

    /// Whether a question that waits no longer than `limit` may have had no answer yet when the recording was cut off.
    func isWaiting(within limit: Duration) -> Bool {
        recording.wasCutOff && clock.uptime + limit >= .nanoseconds(recording.length)
    }

    /// Waits until the replay ends, if the answer was not yet there when the recording was cut off.
    func waitIfCutOff(within limit: Duration) async {
        if isWaiting(within: limit) { try? await clock.sleepForever() }
    }

    /// What was asked now and not in the recording.
    var missing: [String] { state.withLock(\.missing) }

    /// What was sent now with another body than in the recording.
    var differing: [String] { state.withLock(\.differing) }

    /// The exchanges that were recorded before the session had to end, and not used.
    var unused: [String] {
        let (asked, answered) = state.withLock { ($0.asked, $0.answered) }
        let end = recording.end(nil)
        return exchanges.flatMap { key, exchanges in
            exchanges.filter { $0.at <= end }.filter {
                ($0.occurrence > asked[key] ?? 0) && answered[key]?.contains($0.occurrence) != true
            }
        }.sorted { $0.at < $1.at }.map { "\($0.port) \($0.request) (\($0.scope), \($0.occurrence))" }
    }

    /// Whether the question was recorded at any time.
    func holds(_ question: Question) -> Bool { exchanges[key(of: question)] != nil }

    /// The exchange that answers a question; `changes` says whether the question requests a change.
    func exchange(_ question: Question, changes: Bool = false) -> Exchange? {
        let key = key(of: question)
        if let sent = question.sent { return exchange(key, sent) }
        let occurrence = count(key)
        guard let exchanges = exchanges[key] else { return missing(key) }
        if !isFaithful { return exchanges.last { $0.at <= clock.uptime.nanoseconds } ?? exchanges.first }
        guard let last = exchanges.last(where: { $0.occurrence <= occurrence }) else { return missing(key) }
        return last.occurrence == occurrence || !changes ? last : missing(key)
    }

    /// Finds the exchange with the same body, because several requests of one certificate or host may go out in another
    /// order than they did. If there is none, the next one of the same kind answers, and the difference is noted.
    private func exchange(_ key: Key, _ sent: [UInt8]) -> Exchange? {
        let answered = state.withLock { $0.answered[key] ?? [] }
        let left = (exchanges[key] ?? []).filter { !answered.contains($0.occurrence) }
        let wanted = Self.timeless(sent)
        let same = left.first { $0.sent.map { Self.timeless($0.wrappedValue) } == wanted }
        guard let exchange = same ?? left.first else { return isFaithful ? missing(key) : exchanges[key]?.last }
        state.withLock { state in
            state.answered[key, default: []].insert(exchange.occurrence)
            if same == nil, state.differing.count < Self.deviationLimit {
                state.differing.append("\(key.port) \(key.request)")
            }
        }
        return exchange
    }

    /// The value that an exchange answered, or the error that it threw.
    func value<Value: Codable & Sendable, Failure: Error & Codable>(
        of exchange: Exchange,
        _ failure: (String) -> Failure
    ) throws(Failure) -> Value {
        switch exchange.answer(Value.self, Failure.self, blobs: recording.blobs) {
        case .value(let value): return value
        case .failure(let error): throw error
        case .withheld: throw failure("its content was kept out of the recording")
        case nil: throw failure("its answer in the recording cannot be read")
        }
    }

    /// What arrived in a stream, in order.
    func parts(of stream: Int) -> [StreamPart] { parts[stream] ?? [] }

    private func key(of question: Question) -> Key {
        Key(port: question.port, scope: question.scope.description, request: question.request)
    }

    private func count(_ key: Key) -> Int {
        state.withLock { state in
            state.asked[key, default: 0] += 1
            return state.asked[key] ?? 1
        }
    }

    private func missing(_ key: Key) -> Exchange? {
        state.withLock { state in
            guard state.missing.count < Self.deviationLimit else { return }
            state.missing.append("\(key.port) \(key.request) (\(key.scope))")
        }
        return nil
    }

    /// A body without the time of a notice.
    private static func timeless(_ body: [UInt8]) -> [UInt8] {
        let text = String(outside: body)
        guard let start = text.firstRange(of: #""time":""#)?.upperBound, let end = text[start...].firstIndex(of: "\"")
        else { return body }
        return Array((text[..<start] + text[end...]).utf8)
    }
}
