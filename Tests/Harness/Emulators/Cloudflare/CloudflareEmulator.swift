package import HTTPServer
import Model
package import Ports
import Synchronization
import Timing

/// Emulates Cloudflare's API v4, under `/client/v4` as the real one.
///
/// It keeps the real one's rules as far as DNS is concerned, see `RecordRules`, `RecordTable` and `APIError`, and shows what it
/// holds to a `DNSPublisher` after the propagation delay.
package final class CloudflareEmulator: Emulator {
    /// Where clients find the API on the emulator's server.
    package static let basePath = "/client/v4"

    private struct State {
        var tables: [String: RecordTable] = [:]
        var limiter = APIRateLimiter()
        var propagation: Duration = .zero
        var filteredLocation: String?
    }

    private let state: Mutex<State>
    let credentials: [CloudflareCredential]
    let injector: FaultInjector
    private let publication: Publication?
    private let randomness: any Randomness

    package init(
        zones: [String],
        credentials: [CloudflareCredential],
        publisher: (any DNSPublisher)? = nil,
        clock: any Clock = SystemClock(),
        randomness: any Randomness = SystemRandomness()
    ) {
        var state = State()
        for name in zones {
            let zone = CloudflareZone(id: randomness.token(bytes: 16, for: .run), name: name)
            state.tables[zone.id] = RecordTable(zone: zone)
        }
        self.state = Mutex(state)
        self.credentials = credentials
        self.randomness = randomness
        publication = publisher.map { Publication(to: $0, clock: clock) }
        injector = FaultInjector(clock: clock) { status, code, message in
            .cloudflare(APIError(status: status, code: code, message: message))
        }
    }

    package var name: EmulatorName { .cloudflare }
    package var handler: HTTPServer.Handler { { request in await self.answer(request) } }

    package var log: RequestLog { injector.log }
    package var faults: Faults { injector.faults }

    package var settings: CloudflareSettings {
        get {
            state.withLock { state in
                var settings = CloudflareSettings(
                    latency: injector.latency,
                    propagation: state.propagation,
                    rate: state.limiter.rate
                )
                settings.filteredLocation = state.filteredLocation
                return settings
            }
        }
        set {
            injector.latency = newValue.latency
            state.withLock { state in
                state.propagation = newValue.propagation
                state.filteredLocation = newValue.filteredLocation
                // A new rate counts anew, and ends whatever silence the old one had led to.
                if state.limiter.rate != newValue.rate { state.limiter = APIRateLimiter(rate: newValue.rate) }
            }
        }
    }

    var time: String { injector.clock.now.description }

    func newID() -> String { randomness.token(bytes: 16, for: .run) }

    var tables: [RecordTable] { state.withLock { Array($0.tables.values) } }

    func table(_ zone: String) -> RecordTable? { state.withLock { $0.tables[zone] } }

    /// The record's name, in whichever zone it is.
    func name(ofRecord id: String) -> String? { tables.lazy.compactMap { $0[id]?.name }.first }

    var filteredLocation: String? { state.withLock(\.filteredLocation) }

    /// Decides what a zone is, as its owner and Cloudflare do.
    package func set(_ zone: String, _ change: (inout CloudflareZone.State) -> Void) {
        state.withLock { state in
            for (id, table) in state.tables where table.zone.name == zone {
                change(&state.tables[id, default: table].zone.state)
            }
        }
    }

    /// Counts a request.
    func admit() -> APIRateLimiter.Admission { state.withLock { $0.limiter.admit(at: injector.clock.uptime) } }

    /// Changes one zone's records, all or nothing, and lets DNS show what became different.
    func change<Result>(
        _ zone: CloudflareZone,
        _ body: (inout RecordTable) throws(APIError) -> (Result, changed: [String])
    ) throws(APIError) -> Result {
        let now = injector.clock.uptime
        return try state.withLock { state throws(APIError) in
            guard let before = state.tables[zone.id] else { throw .invalidZone }
            var after = before
            let (result, changed) = try body(&after)
            state.tables[zone.id] = after
            let different = Set(changed).sorted().flatMap { name in
                zip(before.shown(at: name), after.shown(at: name)).filter { $0 != $1 }.map(\.1)
            }
            publication?.show(different, at: now + state.propagation)
            return result
        }
    }
}
