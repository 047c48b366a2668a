import Discovery
import Docker
import Files
import Model
import Ports
import State
import TestSupport
import Testing
import Transport

@Suite(.limited(minutes: 1)) struct DiscoveryTests {
    private let rules = DiscoveryRules()
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    private func discover(_ answers: [String: StubEngine.Answer]) async throws -> Observation<Discovered> {
        let engine = try StubEngine { answers[$0.path] ?? .reply(404, #"{"message":"page not found"}"#) }
        defer { engine.stop() }
        let client = EngineClient(try EngineEndpoint(host: "unix://\(engine.socketPath)"), transport: transport)
        let files = SystemFiles()
        return await Discovery(engine: client, rules: rules, files: files, state: try .inMemory(), clock: TestClock())
            .discover()
    }

    private static let managerPart = #"{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"k1"}}"#

    private func info(_ swarm: String) -> StubEngine.Answer { .reply(200, #"{"Swarm":\#(swarm)}"#) }
    private var manager: StubEngine.Answer { info(Self.managerPart) }
    private var plain: StubEngine.Answer { info(#"{"LocalNodeState":"inactive"}"#) }

    @Test func `two origins that ask for one name are both listed, in an order of their own`() {
        let services = [("s3", "b", "x.test,a.test"), ("s1", "c", "x.test"), ("s2", "a", "x.test")].map {
            Service(id: $0.0, name: $0.1, labels: ["landfall.host": $0.2])
        }
        let expected = Discovery.read(services, rules: rules)
        #expect(
            expected.hosts.map { "\($0.name) \($0.origin.name)" } == ["a.test b", "x.test a", "x.test b", "x.test c"]
        )
        #expect(Discovery.read(services.reversed(), rules: rules) == expected)
    }

    @Test func `our own helper services ask for nothing`() {
        let helper = Service(
            id: "s1",
            name: "landfall-signal-3f",
            labels: ["landfall.host": "x.test", "landfall.helper": "default"]
        )
        #expect(Discovery.read([helper], rules: rules) == Discovered(hosts: []))
        // A user's service may be called so.
        let other = Service(id: "s2", name: helper.name, labels: ["landfall.host": "x.test"])
        #expect(Discovery.read([other], rules: rules).hosts.map(\.name.text) == ["x.test"])
    }

    @Test(arguments: [("running", 1), ("exited", 1), ("created", 1), ("paused", 1), ("removing", 0), ("dead", 0)])
    func `a stopped container still asks, one that is being removed does not`(state: String, count: Int) {
        let container = Container(id: "c1", name: "web", labels: ["landfall.host": "x.test"], state: state)
        #expect(Discovery.read([container], rules: rules).hosts.count == count)
    }

    @Test func `a task's container is passed over: its service speaks`() {
        let labels = ["landfall.host": "x.test", "com.docker.swarm.service.name": "web"]
        #expect(Discovery.read([Container(id: "c1", name: "web.1.x", labels: labels)], rules: rules).hosts.isEmpty)
    }

    @Test func `a shared certificate keeps its name while Compose replaces the container`() {
        let labels = [
            "landfall.host": "x.test", "landfall.certificate": "shared", "com.docker.compose.project": "shop",
            "com.docker.compose.service": "web",
        ]
        let container = Container(id: "c1", name: "0f3a_shop-web-1", labels: labels)
        #expect(Discovery.read([container], rules: rules).hosts.map(\.certificate) == [.shared(lineage: "shop-web")])
    }

    @Test func `a manager's services are read`() async throws {
        let services = #"[{"ID":"s1","Spec":{"Name":"web","Labels":{"landfall.host":"x.test"}}}]"#
        let found = try await discover([
            "/info": manager, "/services": .reply(200, services), "/containers/json": .reply(200, "[]"),
        ])
        #expect(found.value?.hosts.map(\.name.text) == ["x.test"])
    }

    @Test func `a manager's own containers are read beside its services, but not those of tasks`() async throws {
        let services = #"[{"ID":"s1","Spec":{"Name":"web","Labels":{"landfall.host":"x.test"}}}]"#
        let containers = #"""
            [{"Id":"c1","Names":["/alone"],"Labels":{"landfall.host":"x.test,y.test"},"State":"exited"},
            {"Id":"c2","Names":["/web.1.x"],"State":"running",
            "Labels":{"landfall.host":"z.test","com.docker.swarm.service.name":"web"}}]
            """#
        let found = try await discover([
            "/info": manager, "/services": .reply(200, services), "/containers/json": .reply(200, containers),
        ])
        #expect(
            found.value?.hosts.map { "\($0.name) \($0.origin)" } == [
                "x.test container alone", "x.test service web", "y.test container alone",
            ]
        )
        // What cannot be read is not empty.
        let half = try await discover(["/info": manager, "/services": .reply(200, services)])
        #expect(half.value == nil)
    }

    @Test func `a service that is scaled to zero still asks`() async throws {
        let service = """
            [{"ID":"s1","Spec":{"Name":"web","Labels":{"landfall.host":"x.test"},"Mode":{"Replicated":{"Replicas":0}}}}]
            """
        let found = try await discover([
            "/info": manager, "/services": .reply(200, service), "/containers/json": .reply(200, "[]"),
        ])
        #expect(found.value?.hosts.map(\.name.text) == ["x.test"])
    }

    @Test func `a plain engine's containers are read, stopped ones too`() async throws {
        let containers = #"[{"Id":"c1","Names":["/web"],"Labels":{"landfall.host":"x.test"},"State":"exited"}]"#
        let found = try await discover(["/info": plain, "/containers/json": .reply(200, containers)])
        #expect(found.value?.hosts.map(\.origin) == [Origin(kind: .container, id: "c1", name: "web")])
    }

    @Test func `a worker is unavailable, with what to do`() async throws {
        let found = try await discover(["/info": info(#"{"LocalNodeState":"active","ControlAvailable":false}"#)])
        #expect(found.reason?.contains("run Landfall on a manager") == true)
    }

    @Test(arguments: ["locked", "pending", "error"])
    func `a node that is neither the one nor the other is unavailable`(state: String) async throws {
        let found = try await discover(["/info": info(#"{"LocalNodeState":"\#(state)"}"#)])
        #expect(found.reason?.isEmpty == false)
    }

    @Test func `what cannot be read is unavailable, never empty`() async throws {
        #expect(try await discover([:]).reason?.contains("404") == true)
        #expect(try await discover(["/info": manager, "/services": .hangUp]).value == nil)
        #expect(try await discover(["/info": manager, "/services": .reply(200, "<html>")]).value == nil)
        let noQuorum = #"{"message":"rpc error: the swarm does not have a leader"}"#
        let found = try await discover(["/info": manager, "/services": .reply(500, noQuorum)])
        #expect(found.reason?.contains("does not have a leader") == true)
    }

    @Test func `a manager that says it is none is doubted for a minute, by the next Landfall too`() async throws {
        let part = AsyncCollector<String>()
        let engine = try StubEngine { request in
            switch request.path {
            case "/info": .reply(200, #"{"Swarm":\#(part.all.last ?? "null")}"#)
            case "/services":
                .reply(200, #"[{"ID":"s1","Spec":{"Name":"web","Labels":{"landfall.host":"x.test"}}}]"#)
            default: .reply(200, "[]")
            }
        }
        defer { engine.stop() }
        let client = EngineClient(try EngineEndpoint(host: "unix://\(engine.socketPath)"), transport: transport)
        let (clock, state) = (TestClock(), try StateStore.inMemory())
        /// A Discovery of its own each time: what one knew, the next one has from the store alone.
        func discover(_ answer: String) async -> Observation<Discovered> {
            part.add(answer)
            return await Discovery(engine: client, rules: rules, files: SystemFiles(), state: state, clock: clock)
                .discover()
        }
        let inactive = #"{"LocalNodeState":"inactive"}"#

        #expect(await discover(Self.managerPart).value?.hosts.count == 1)
        #expect(await discover(inactive).reason?.contains("now reports that it is a plain engine") == true)
        clock.advance(by: .seconds(59))
        #expect(await discover(inactive).value == nil)
        clock.advance(by: .seconds(1))
        #expect(await discover(inactive).value?.hosts.isEmpty == true)
    }
}
