public import HTTPServer
import Model
import Synchronization
public import Timing

/// Stands in for Cloudflare's API v4, under `/client/v4` as the real one.
///
/// It keeps the real one's rules as far as DNS is concerned, see `RecordRules`, `Book` and `APIError`, and shows what it
/// holds to a `DNSPublisher`, after the propagation delay.
public final class CloudflareEmulator: Sendable {
    /// Where clients find the API on the emulator's server.
    public static let basePath = "/client/v4"

    private struct State {
        var books: [String: Book] = [:]
        var limiter = RateLimiter()
        var propagation: Duration = .zero
    }

    private let state: Mutex<State>
    let credentials: [CloudflareCredential]
    let front: Front
    private let publication: Publication?
    private let randomness: any Randomness

    public init(
        zones: [String],
        credentials: [CloudflareCredential],
        publisher: (any DNSPublisher)? = nil,
        clock: any Clock = SystemClock(),
        randomness: any Randomness = SystemRandomness()
    ) {
        var state = State()
        for name in zones {
            let zone = CloudflareZone(id: randomness.token(), name: name)
            state.books[zone.id] = Book(zone: zone)
        }
        self.state = Mutex(state)
        self.credentials = credentials
        self.randomness = randomness
        publication = publisher.map { Publication(to: $0, clock: clock) }
        front = Front(clock: clock) { status, code, message in
            .cloudflare(APIError(status: status, code: code, message: message))
        }
    }

    public var handler: HTTPServer.Handler { { request in await self.answer(request) } }

    public var log: RequestLog { front.log }
    public var faults: Faults { front.faults }

    public var settings: CloudflareSettings {
        get {
            state.withLock { state in
                CloudflareSettings(
                    latency: front.latency,
                    propagation: state.propagation,
                    rate: state.limiter.rate
                )
            }
        }
        set {
            front.latency = newValue.latency
            state.withLock { state in
                state.propagation = newValue.propagation
                state.limiter.rate = newValue.rate
            }
        }
    }

    var time: String { front.clock.now.description }

    func newID() -> String { randomness.token() }

    func book(_ zone: String) -> Book? { state.withLock { $0.books[zone] } }

    /// The record's name, in whichever zone it is.
    func name(ofRecord id: String) -> String? {
        state.withLock { state in state.books.values.lazy.compactMap { $0[id]?.name }.first }
    }

    /// Counts a request; how many seconds to stay away when it is one too many.
    func admit() -> Int? {
        state.withLock { $0.limiter.admit(at: front.clock.uptime) }
    }

    /// Changes one zone's records, all or nothing, and lets DNS show what became different.
    func change<Result>(
        _ zone: CloudflareZone,
        _ body: (inout Book) throws(APIError) -> (Result, changed: [String])
    ) throws(APIError) -> Result {
        let now = front.clock.uptime
        return try state.withLock { state throws(APIError) in
            guard let before = state.books[zone.id] else { throw .invalidZone }
            var after = before
            let (result, changed) = try body(&after)
            state.books[zone.id] = after
            let different = Set(changed).sorted().flatMap { name in
                zip(before.shown(at: name), after.shown(at: name)).filter { $0 != $1 }.map(\.1)
            }
            publication?.show(different, at: now + state.propagation)
            return result
        }
    }
}

/// How the emulated API behaves beyond its rules.
public struct CloudflareSettings: Sendable, Hashable, Codable {
    /// Before every answer.
    public var latency: Duration
    /// Between a change and its being seen in DNS.
    public var propagation: Duration
    public var rate: CloudflareRate

    public init(latency: Duration = .zero, propagation: Duration = .zero, rate: CloudflareRate = CloudflareRate()) {
        (self.latency, self.propagation, self.rate) = (latency, propagation, rate)
    }
}

extension CloudflareEmulator {
    /// All zones, by name.
    public var zones: [CloudflareZone] {
        state.withLock { state in state.books.values.map(\.zone).sorted { $0.name < $1.name } }
    }

    /// All records of a zone, in the order they were made.
    public func records(in zone: String) -> [CloudflareRecord] {
        state.withLock { state in state.books.values.first { $0.zone.name == zone }?.all ?? [] }
    }

    /// Adds a record as the account's owner would on the dashboard: no credential, no log, no fault. Nil when the rules
    /// forbid it.
    @discardableResult
    public func put(_ draft: RecordDraft, in zone: String) -> CloudflareRecord? {
        guard let zone = zones.first(where: { $0.name == zone }) else { return nil }
        return try? change(zone) { book throws(APIError) in
            let record = try book.create(draft, id: newID(), at: time)
            return (record, [record.name])
        }
    }

    /// Removes a record as the account's owner would; whether it was there.
    @discardableResult
    public func remove(_ id: String, in zone: String) -> Bool {
        guard let zone = zones.first(where: { $0.name == zone }) else { return false }
        let removed = try? change(zone) { book throws(APIError) in
            let record = try book.delete(id)
            return (record, [record.name])
        }
        return removed != nil
    }
}
