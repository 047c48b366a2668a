import Docker
import EventStream
import Log
import Model
import Ports
import State
import Synchronization
import TestSupport
import Timing
import Transport

/// A stub engine, an event stream that follows it, and what the two did.
final class EventStreamFixture: Sendable {
    private struct State {
        var mode = EventStreamFixture.manager
        var isHung = false
        var isRefusing = false
        var version = "1.41"
    }

    static let manager = #"{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"k1"}}"#

    let engine: StubEngine
    let clock = TestClock()
    let triggers = AsyncCollector<Trigger>()
    let changes = AsyncCollector<ConnectionChange>()
    let lines = AsyncCollector<String>()
    let streams = AsyncCollector<EventFeed>()
    private let state: SharedState
    private let task: Task<Void, Never>

    private final class SharedState: Sendable { let value = Mutex(State()) }

    /// - Parameters:
    ///   - store: what a Landfall before this one remembered.
    ///   - pingLimit: real time; a busy machine must not look like an engine that hangs.
    ///   - sink: gets the triggers in place of `triggers`.
    init(
        store: StateStore? = nil,
        pingLimit: Duration = .seconds(60),
        isRefusing: Bool = false,
        sink: (@Sendable (Trigger) -> Void)? = nil
    ) throws {
        let state = SharedState()
        state.value.withLock { $0.isRefusing = isRefusing }
        let streams = streams
        engine = try StubEngine(version: nil) { request in
            let now = state.value.withLock { $0 }
            if now.isHung { return .silence }
            if now.isRefusing { return .hangUp }
            switch request.path {
            case "/_ping": return .pong(now.version)
            case "/info": return .reply(200, #"{"Swarm":\#(now.mode)}"#)
            case "/events":
                let feed = EventFeed()
                streams.add(feed)
                return .stream(feed)
            default: return .reply(404, "{}")
            }
        }
        let (lines, triggers, changes) = (lines, triggers, changes)
        var policy = ReconnectPolicy()
        policy.pingLimit = pingLimit
        let stream = EventStream(
            engine: EngineClient(
                try EngineEndpoint(host: "unix://\(engine.socketPath)"),
                transport: CurlTransport(.init(userAgent: "landfall-tests"))
            ),
            hostLabels: ["landfall.host"],
            state: try store ?? .inMemory(),
            clock: clock,
            randomness: FixedRandomness(),
            log: Logger(level: .info, format: .text, now: { Timestamp(seconds: 0) }, write: { lines.add($0) }),
            policy: policy,
            onChange: { changes.add($0) }
        )
        task = Task { await stream.run(sink ?? { triggers.add($0) }) }
        self.state = state
    }

    func set(mode: String) { state.value.withLock { $0.mode = mode } }
    func set(version: String) { state.value.withLock { $0.version = version } }
    func set(hung: Bool) { state.value.withLock { $0.isHung = hung } }
    func set(refusing: Bool) { state.value.withLock { $0.isRefusing = refusing } }

    /// The n-th event stream, from 1.
    func stream(_ number: Int) async -> EventFeed { await streams.wait(for: number)[number - 1] }

    /// Lets the n-th wait between two tries, from 1, be over, and says how long it was.
    @discardableResult
    func passWait(_ number: Int) async -> Duration {
        let waits = await clock.sleeps.wait { $0.count { $0 != Self.watchInterval } >= number }
        let wait = waits.filter { $0 != Self.watchInterval }[number - 1]
        clock.advance(by: wait)
        return wait
    }

    /// Lets the n-th pause of the watchdog, from 1, be over.
    func passWatch(_ number: Int) async {
        await clock.sleeps.wait { $0.count { $0 == Self.watchInterval } >= number }
        clock.advance(by: Self.watchInterval)
    }

    private static let watchInterval = ReconnectPolicy().watchInterval

    func subscriptions() -> [String] { engine.requests.all.map(\.target).filter { $0.contains("/events") } }

    func lines(saying text: String) -> Int { lines.all.count { $0.contains(text) } }

    func end() async {
        task.cancel()
        await task.value
        engine.stop()
    }
}

func event(_ action: String, _ name: String, time: Int64) -> String {
    #"{"Type":"service","Action":"\#(action)","Actor":{"ID":"id-\#(name)","Attributes":{"name":"\#(name)"}},"timeNano":\#(time)}"#
        + "\n"
}
