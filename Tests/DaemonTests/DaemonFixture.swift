import System
import Address
import Certificates
import Configuration
import DNS
import Composition
@testable import Daemon
import Files
import Log
import Model
import Pipeline
import Ports
import Processes
import Report
import State
import TestSupport
import Timing
import Transport

/// A session over a stub engine, all of it on one thread, and what strayed from it.
struct DaemonFixture {
    let engine: StubEngine
    let feed = EventFeed()
    let clock = TestClock()
    let thread: OneThread
    let strays = AsyncCollector<String>()
    let reports = AsyncCollector<Report>()
    let requests: AsyncStream<RunRequest>
    let asking: AsyncStream<RunRequest>.Continuation
    private let store: StateStore

    init(services: String = "[]") throws {
        let feed = feed
        engine = try StubEngine { request in
            switch request.path {
            case "/info":
                .reply(200, #"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"k1"}}}"#)
            case "/services": .reply(200, services)
            case "/events": .stream(feed)
            default: .reply(404, "{}")
            }
        }
        thread = try OneThread()
        store = try .inMemory()
        (requests, asking) = AsyncStream.makeStream()
    }

    /// Runs a session to its end.
    func run(beginning: String = "start-up") async throws -> String? {
        let configuration = try Configuration(
            environment: [
                "DOCKER_HOST": "unix://\(engine.socketPath)", "LANDFALL_DNS": "off", "LANDFALL_CERTIFICATES": "off",
                "LANDFALL_SIGNALS": "off",
            ],
            files: SystemFiles()
        )
        let watch = Watch(thread: thread, strays: strays)
        let ports = PortSet(
            transport: WatchedTransport(base: CurlTransport(.init(userAgent: "landfall-tests")), watch: watch),
            files: SystemFiles(),
            processes: NoProcesses(),
            dns: LDNSClient(),
            interfaces: SystemInterfaces(),
            probe: CurlTLSProbe(),
            mail: NoMail(),
            clock: WatchedClock(base: clock, watch: watch),
            randomness: FixedRandomness()
        )
        let dependencies = Dependencies(ports: ports, store: store, program: "/usr/bin/landfall")
        let observer = Reports(watch: watch, reports: reports)
        return await withTaskExecutorPreference(thread) {
            let wiring = Wiring(configuration, ports: dependencies, log: .silent, logsNotices: false)
            let session = Session(wiring, configuration.schedule, observers: [observer])
            return await session.run(requests, beginning: beginning)
        }
    }
}

/// Notes who is not on the thread.
struct Watch: Sendable {
    let thread: OneThread
    let strays: AsyncCollector<String>

    func note(_ what: String) {
        if !thread.isCurrent { strays.add(what) }
    }
}

private struct Reports: RunObserver {
    let watch: Watch
    let reports: AsyncCollector<Report>

    func triggered(_ trigger: Trigger, at time: Duration) { watch.note("\(trigger)") }
    func began(_ cause: RunCause, at time: Duration) { watch.note("a run") }

    func ended(_ report: Report, at time: Duration) {
        watch.note("a report")
        reports.add(report)
    }
}

private struct WatchedClock: Clock {
    let base: TestClock
    let watch: Watch

    var now: Timestamp {
        watch.note("now")
        return base.now
    }

    var uptime: Duration {
        watch.note("uptime")
        return base.uptime
    }

    func sleep(for duration: Duration) async throws {
        watch.note("sleep")
        try await base.sleep(for: duration)
        watch.note("waking up")
    }
}

private struct WatchedTransport: HTTPTransport {
    let base: CurlTransport
    let watch: Watch

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        watch.note("sending \(request.url)")
        return try await base.send(request, for: scope)
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        watch.note("streaming \(request.url)")
        return try await base.stream(request, for: scope)
    }
}
