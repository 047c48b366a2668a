import Docker
import EventStream
import Log
import Model
import Ports
import Sandbox
import State
import Synchronization
import Timing
import Transport

/// From the time that the engine gives an event to the debounce that has its trigger.
struct EventDelay {
    private static let count = 60

    let fixture: BenchFixture

    /// Of creations the engine gives the time before its Raft log has them, of removals the time when it sends them: so
    /// the former hold the engine's own work too.
    func measure() async throws -> [Measure] {
        let intake = Intake(clock: fixture.clock)
        // Made before the first event: its subscription goes back to here, however late it comes about.
        let stream = try stream()
        let reader = Task { await stream.run { intake.take($0) } }
        defer { reader.cancel() }
        let start = fixture.clock.now
        for number in 1...Self.count { try await provoke("event-\(number)", intake) }
        let events = try await sent(since: start)
        return [
            Measure("event → debounce", .milliseconds, try await delays("remove", events, intake), .atMost(5)),
            Measure("… with the engine's commit", .milliseconds, try await delays("create", events, intake)),
        ]
    }

    /// As the daemon does it.
    private func stream() throws -> EventStream {
        let endpoint = try EngineEndpoint(host: "unix://\(fixture.sandbox.folder.engineSocket)")
        return EventStream(
            engine: EngineClient(endpoint, transport: CurlTransport(.init(userAgent: "landfall-bench"))),
            hostLabels: [],
            state: try .inMemory(),
            clock: fixture.clock,
            randomness: SystemRandomness(),
            log: .silent
        )
    }

    /// Makes and removes a service without containers; each step waits until the other side has heard of the one before.
    private func provoke(_ name: String, _ intake: Intake) async throws {
        let body = """
            {"Name": "\(name)", "Mode": {"Replicated": {"Replicas": 0}},
            "TaskTemplate": {"ContainerSpec": {"Image": "\(ImageRecipe.busybox.name)"}}}
            """
        for (request, action) in [(call(.post, "create", body), "create"), (call(.delete, name), "remove")] {
            let response = try await transport.send(request, for: .engine)
            guard (200..<300).contains(response.status) else { throw BenchError("the engine: \(response.text)") }
            try await intake.await("service \(action) \(name)")
        }
    }

    private let transport = CurlTransport(.init(userAgent: "landfall-bench"))

    private func call(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) -> HTTPRequest {
        HTTPRequest(
            method,
            "http://docker/v1.41/services/\(path)",
            headers: [HTTPHeader("Content-Type", "application/json")],
            body: body.map { Array($0.utf8) },
            peer: .unixSocket(path: fixture.sandbox.folder.engineSocket)
        )
    }

    /// The engine's own record of its events.
    private func sent(since start: Timestamp) async throws -> [EngineEvent] {
        let (since, until) = ("\(start.seconds)", "\(fixture.clock.now.seconds + 1)")
        let text = try await fixture.sandbox.docker(
            ["events", "--since", since, "--until", until, "--filter", "type=service", "--format", "{{json .}}"]
        )
        var decoder = EventDecoder()
        return decoder.events(in: Array(text.utf8))
    }

    private func delays(_ action: String, _ events: [EngineEvent], _ intake: Intake) async throws -> [Double] {
        var delays: [Double] = []
        for event in events where event.action == action {
            guard let taken = intake.times["service \(action) \(event.name)"] else { continue }
            delays.append((taken - event.time).inMilliseconds)
        }
        guard delays.count >= 50 else { throw BenchError("only \(delays.count) events were seen") }
        return delays
    }
}

/// A debounce, and when it got each trigger.
private final class Intake: Sendable {
    private struct State {
        var debounce = Debounce(quiet: .seconds(2), maxWait: .seconds(10), interval: .seconds(300))
        var times: [String: Timestamp] = [:]
    }

    private let clock: any Clock
    private let state = Mutex(State())

    init(clock: any Clock) { self.clock = clock }

    var times: [String: Timestamp] { state.withLock(\.times) }

    func take(_ trigger: Trigger) {
        state.withLock { state in
            state.debounce.trigger(trigger, at: clock.uptime)
            state.times[trigger.description] = clock.now
        }
    }

    func await(_ trigger: String) async throws {
        let deadline = clock.uptime + .seconds(10)
        while times[trigger] == nil {
            guard clock.uptime < deadline else { throw BenchError("no event for \(trigger)") }
            try await clock.sleep(for: .milliseconds(10))
        }
    }
}
