import Delivery
import Docker
import Files
import Log
import Model
import Ports
import State
import Synchronization
import TestSupport
import Transport

/// A Swarm of some nodes, with one container that wants SIGHUP on each, seen from the manager `m`.
final class Nodes: Sendable {
    struct Node: Sendable {
        let id: String
        var state = "ready"
        var availability = "active"
        /// Of the helper's task there.
        var task = "complete"
        var error = ""
        /// What the helper says of its container; nil says nothing.
        var says: String? = "signalled"
        /// Its host's name; nil is one of its own.
        var host: String?
        /// Whether the Swarm has forgotten it, but not its task.
        var isRemoved = false
    }

    let engine: StubEngine
    let stage: SignalStage
    let clock = TestClock()
    private let nodes: Box

    private final class Box: Sendable {
        let value: Mutex<[Node]>
        init(_ nodes: [Node]) { value = Mutex(nodes) }
    }

    init(_ nodes: [Node], login: RegistryLogin? = nil) throws {
        let box = Box(nodes)
        self.nodes = box
        engine = try StubEngine { request in Self.answer(request, box.value.withLock(\.self)) }
        let client = EngineClient(
            try EngineEndpoint(host: "unix://\(engine.socketPath)"),
            transport: CurlTransport(.init(userAgent: "landfall-tests"))
        )
        let state = try StateStore.inMemory()
        stage = SignalStage(
            engine: client,
            rules: SignalRules(labels: ["landfall.signal"], helperLogin: login),
            state: state,
            image: HelperImage(named: "registry.test/landfall@sha256:1", files: SystemFiles()),
            clock: clock,
            randomness: FixedRandomness(),
            log: .silent
        )
        try stage.saveBaseline([])
    }

    deinit { engine.stop() }

    func set(_ change: @Sendable (inout [Node]) -> Void) { nodes.value.withLock { change(&$0) } }

    /// By node.
    func run(retriesSilent: Bool = true) async throws -> [String: SignalDelivery] {
        let disk = [try certificate("a", "f1")]
        guard let plan = await stage.plan(disk).value else { return [:] }
        let results = await stage.apply(plan, certificates: disk, retriesSilent: retriesSilent, progress: { _ in })
        return results.reduce(into: [:]) { $0[$1.target.node ?? "here"] = $1.delivery }
    }

    /// What was done to services and containers, with the helpers' names left out.
    var acts: [String] {
        engine.requests.all.filter { $0.method != "GET" }.map { "\($0.method) \($0.path)" }
    }

    /// The helpers as they were asked for.
    var helpers: [StubEngine.Request] { engine.requests.all.filter { $0.path == "/services/create" } }

    private static func answer(_ request: StubEngine.Request, _ nodes: [Node]) -> StubEngine.Answer {
        switch request.path {
        case "/containers/json": .reply(200, "[]")
        case "/info":
            .reply(
                200,
                #"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"NodeID":"m","Cluster":{"ID":"k"}}}"#
            )
        case "/services":
            .reply(
                200,
                #"[{"ID":"s1","Spec":{"Name":"web","TaskTemplate":{"ContainerSpec":{"Labels":{"landfall.signal":"HUP"}}}}}]"#
            )
        case "/services/create": .reply(201, #"{"ID":"h1"}"#)
        case "/nodes": .reply(200, list(nodes.filter { !$0.isRemoved }.map(listed)))
        case "/tasks": .reply(200, list(nodes.map(request.target.contains("h1") ? helped : proxied)))
        default: request.path.hasPrefix("/tasks/") ? .reply(200, log(of: request, nodes)) : .reply(200, "{}")
        }
    }

    private static func list(_ parts: [String]) -> String { "[\(parts.joined(separator: ","))]" }

    private static func listed(_ node: Node) -> String {
        """
        {"ID":"\(node.id)","Spec":{"Availability":"\(node.availability)"},"Status":{"State":"\(node.state)"},
        "Description":{"Hostname":"\(node.host ?? "host-\(node.id)")"}}
        """
    }

    private static func proxied(_ node: Node) -> String {
        """
        {"ID":"p-\(node.id)","ServiceID":"s1","NodeID":"\(node.id)","CreatedAt":"2026-01-01T00:00:00Z",
        "Status":{"State":"running","ContainerStatus":{"ContainerID":"c-\(node.id)"}},
        "Spec":{"ContainerSpec":{"Labels":{"landfall.signal":"HUP"}}}}
        """
    }

    private static func helped(_ node: Node) -> String {
        """
        {"ID":"h-\(node.id)","ServiceID":"h1","NodeID":"\(node.id)",
        "Status":{"State":"\(node.task)","Err":"\(node.error)"}}
        """
    }

    /// One frame of a log.
    private static func log(of request: StubEngine.Request, _ nodes: [Node]) -> String {
        guard let node = nodes.first(where: { request.path.contains("/h-\($0.id)/") }), let word = node.says else {
            return ""
        }
        let line = #"{"container":"c-\#(node.id)","result":"\#(word)"}"# + "\n"
        return "\u{1}\0\0\0\0\0\0" + String(Unicode.Scalar(UInt8(line.utf8.count))) + line
    }
}
