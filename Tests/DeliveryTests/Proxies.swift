import Delivery
import Docker
import Files
import Log
import Model
import Ports
import State
import Synchronization
import TestSupport
import Timing
import Transport

/// A node with containers on it, a state store, and the stage between them.
final class Proxies: Sendable {
    struct Proxy: Sendable {
        var id: String
        var labels = ["landfall.signal": "HUP"]
        var state = "running"
        var started = "2026-01-01T00:00:00Z"
        var created = 0
        /// What the engine answers to a signal.
        var status = 204
        /// What it ends with at a signal; nil where it goes on.
        var exit: Int?
        /// Whether its restart policy has started it again before anything looks.
        var restarts = false
        /// Whether it is gone with its end.
        var isRemoved = false
    }

    let engine: StubEngine
    let stage: SignalStage
    private let containers: Containers

    private final class Containers: Sendable {
        let value: Mutex<[Proxy]>
        let killed = Mutex<Set<String>>([])

        init(_ proxies: [Proxy]) { value = Mutex(proxies) }
    }

    init(_ proxies: [Proxy], state: StateStore) throws {
        let containers = Containers(proxies)
        engine = try StubEngine { request in Self.answer(request, containers) }
        let client = EngineClient(
            try EngineEndpoint(host: "unix://\(engine.socketPath)"),
            transport: CurlTransport(.init(userAgent: "landfall-tests"))
        )
        let labels = ["landfall.signal", "domain.automation.signal"]
        stage = SignalStage(
            engine: client,
            rules: SignalRules(labels: labels),
            state: state,
            image: HelperImage(named: nil, files: SystemFiles()),
            clock: SystemClock(),
            randomness: SystemRandomness(),
            log: .silent
        )
        self.containers = containers
    }

    deinit { engine.stop() }

    func set(_ proxies: [Proxy]) { containers.value.withLock { $0 = proxies } }

    /// Containers that were sent a signal, each as often as it was: `c1 HUP`.
    var signals: [String] {
        engine.requests.all.filter { $0.method == "POST" }.map { request in
            let container = request.path.split(separator: "/")[1]
            return "\(container) \(request.target.split(separator: "=").last ?? "")"
        }
    }

    /// One run's signals: plan, then apply.
    @discardableResult
    func run(_ certificates: [CertificateOnDisk]) async throws -> [SignalResult] {
        guard let plan = await stage.plan(certificates).value else { throw Unavailable() }
        return await stage.apply(plan, certificates: certificates, progress: { _ in })
    }

    struct Unavailable: Error {}

    private static func answer(_ request: StubEngine.Request, _ containers: Containers) -> StubEngine.Answer {
        let proxies = containers.value.withLock(\.self)
        if request.path == "/containers/json" { return .reply(200, "[\(proxies.map(listed).joined(separator: ","))]") }
        if request.path == "/info" { return .reply(200, #"{"Swarm":{"LocalNodeState":"inactive"}}"#) }
        let id = request.path.split(separator: "/")[1]
        guard let proxy = proxies.first(where: { $0.id == id }) else { return .reply(404, #"{"message":"no such"}"#) }
        if request.path.hasSuffix("/kill") {
            containers.killed.withLock { _ = $0.insert(proxy.id) }
            return .reply(proxy.status, "")
        }
        let hasEnded = proxy.exit != nil && containers.killed.withLock { $0.contains(proxy.id) }
        if hasEnded, proxy.isRemoved { return .reply(404, #"{"message":"no such"}"#) }
        if hasEnded, proxy.restarts {
            return .reply(200, #"{"State":{"StartedAt":"2026-06-01T12:00:05Z","Running":true,"ExitCode":0}}"#)
        }
        if let exit = proxy.exit {
            let state = #""Running":\#(!hasEnded),"ExitCode":\#(hasEnded ? exit : 0)"#
            return .reply(200, #"{"State":{"StartedAt":"\#(proxy.started)",\#(state)}}"#)
        }
        return .reply(200, #"{"State":{"StartedAt":"\#(proxy.started)"}}"#)
    }

    private static func listed(_ proxy: Proxy) -> String {
        let labels = proxy.labels.map { #""\#($0)":"\#($1)""# }.joined(separator: ",")
        return
            #"{"Id":"\#(proxy.id)","Names":["/\#(proxy.id)"],"Labels":{\#(labels)},"State":"\#(proxy.state)","Created":\#(proxy.created)}"#
    }
}

/// Changed at 2026-06-01T12:00:00Z.
func certificate(_ lineage: String, _ fingerprint: String) throws -> CertificateOnDisk {
    let changed = Timestamp(seconds: 1_780_315_200)
    return CertificateOnDisk(
        lineage: lineage,
        names: [try DomainName("a.test")],
        fingerprint: Fingerprint(hex: fingerprint),
        notBefore: changed,
        notAfter: changed + .seconds(86_400),
        changed: changed
    )
}
