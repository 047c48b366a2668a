import Delivery
import Model
import State
import TestSupport
import Testing

@Suite(.limited(minutes: 1)) struct SignalStageTests {
    private func proxies(_ proxies: [Proxies.Proxy], state: StateStore? = nil) throws -> Proxies {
        try Proxies(proxies, state: try state ?? StateStore.inMemory())
    }

    @Test func `with no state, what is on disk is known to everybody`() async throws {
        let node = try proxies([.init(id: "c1")])
        let disk = [try certificate("a", "f1")]
        try node.stage.saveBaseline(disk)
        #expect(try await node.run(disk).isEmpty)
        #expect(node.signals.isEmpty)
    }

    @Test func `a plan without any state owes nothing`() async throws {
        let node = try proxies([.init(id: "c1")])
        #expect(try await node.run([certificate("a", "f1")]).isEmpty)
    }

    @Test func `the first certificate of a first run is signalled, once`() async throws {
        let node = try proxies([.init(id: "c1")])
        try node.stage.saveBaseline([])
        let disk = [try certificate("a", "f1")]
        #expect(try await node.run(disk).map(\.outcome) == [.changed("sent HUP for a")])
        try node.stage.saveBaseline(disk)
        #expect(try await node.run(disk).isEmpty)
        #expect(node.signals == ["c1 HUP"])
    }

    @Test func `several changes are one signal per container`() async throws {
        let node = try proxies([.init(id: "c1"), .init(id: "c2", labels: ["domain.automation.signal": "sigusr1"])])
        try node.stage.saveBaseline([certificate("a", "f1"), certificate("b", "f1"), certificate("c", "f1")])
        let results = try await node.run([certificate("a", "f2"), certificate("b", "f2"), certificate("c", "f1")])
        #expect(results.map(\.target.lineages) == [["a", "b"], ["a", "b"]])
        #expect(Set(node.signals) == ["c1 HUP", "c2 USR1"])
        #expect(node.signals.count == 2)
    }

    @Test(arguments: [
        (500, SignalDelivery.refused("the Docker engine answered 500: nothing")), (409, .notRunning),
        (404, .gone),
    ])
    func `what was not delivered stays pending`(status: Int, delivery: SignalDelivery) async throws {
        let node = try proxies([.init(id: "c1", status: status)])
        try node.stage.saveBaseline([])
        let disk = [try certificate("a", "f1")]
        #expect(try await node.run(disk).map(\.delivery) == [delivery])
        node.set([.init(id: "c1")])
        #expect(try await node.run(disk).map(\.delivery) == [.signalled])
        #expect(try await node.run(disk).isEmpty)
    }

    @Test func `a crash after issuing is caught up by the next process`() async throws {
        let folder = try TemporaryFolder()
        let disk = [try certificate("a", "f1")]
        try proxies([], state: StateStore(path: folder.path + "/state")).stage.saveBaseline([])
        let node = try proxies([.init(id: "c1")], state: StateStore(path: folder.path + "/state"))
        #expect(try await node.run(disk).map(\.delivery) == [.signalled])
        let next = try proxies([.init(id: "c1")], state: StateStore(path: folder.path + "/state"))
        try next.stage.saveBaseline(disk)
        #expect(try await next.run(disk).isEmpty)
    }

    @Test(arguments: [
        ("2026-06-01T12:01:00Z", 1), ("2026-06-01T12:01:00.000000001Z", 0), ("2026-06-01T11:00:00Z", 1),
        ("0001-01-01T00:00:00Z", 1),
    ])
    func `a container that started a minute after the change has read it by itself`(start: String, count: Int)
        async throws
    {
        let node = try proxies([.init(id: "c1", started: start)])
        try node.stage.saveBaseline([])
        #expect(try await node.run([certificate("a", "f1")]).count == count)
    }

    @Test(arguments: [(60, 1), (61, 0)])
    func `a container of a Swarm is asked nothing, for it starts but once`(seconds: Int, count: Int) async throws {
        let labels = ["landfall.signal": "HUP", "com.docker.swarm.service.name": "web"]
        let node = try proxies([.init(id: "c1", labels: labels, created: 1_780_315_200 + seconds)])
        try node.stage.saveBaseline([])
        #expect(try await node.run([certificate("a", "f1")]).count == count)
        #expect(node.signals.count == count)
        // Only what became of it afterwards.
        #expect(node.engine.requests.all.allSatisfy { !$0.target.hasSuffix("/containers/c1/json") })
    }

    @Test func `a container that was signalled for another version gets this one, however old its file is`()
        async throws
    {
        let labels = ["landfall.signal": "HUP", "com.docker.swarm.service.name": "web"]
        let node = try proxies([.init(id: "c1", labels: labels, created: 1_780_315_200 + 3600)])
        try node.stage.saveBaseline([])
        #expect(try await node.run([certificate("a", "f1")]).isEmpty)
        #expect(try await node.run([certificate("a", "f2")]).map(\.delivery) == [.signalled])
        #expect(try await node.run([certificate("a", "f2")]).isEmpty)
    }

    @Test func `a container is not asked when it started while nothing changed`() async throws {
        let node = try proxies([.init(id: "c1")])
        let disk = [try certificate("a", "f1")]
        try node.stage.saveBaseline(disk)
        try await node.run(disk)
        #expect(node.engine.requests.all.map(\.path) == ["/_ping", "/containers/json", "/info"])
    }

    @Test func `going back to the certificate of the baseline is a change too`() async throws {
        let node = try proxies([.init(id: "c1")])
        try node.stage.saveBaseline([certificate("a", "f1")])
        try await node.run([certificate("a", "f2")])
        try await node.run([certificate("a", "f1")])
        #expect(node.signals == ["c1 HUP", "c1 HUP"])
    }

    @Test func `a container that is not running is left alone, and caught up when it runs`() async throws {
        for state in ["exited", "restarting", "paused", "created"] {
            let node = try proxies([.init(id: "c1", state: state)])
            try node.stage.saveBaseline([])
            let disk = [try certificate("a", "f1")]
            #expect(try await node.run(disk).isEmpty)
            node.set([.init(id: "c1")])
            #expect(try await node.run(disk).map(\.delivery) == [.signalled])
        }
    }

    @Test func `what is noted of a container goes when it goes`() async throws {
        let state = try StateStore.inMemory()
        let node = try proxies([.init(id: "c1"), .init(id: "c2")], state: state)
        try node.stage.saveBaseline([])
        try await node.run([certificate("a", "f1")])
        #expect(try Set(state.texts(in: "signals").keys) == ["baseline", "c1", "c2"])
        node.set([.init(id: "c2", state: "exited")])
        try await node.run([certificate("a", "f1")])
        #expect(try Set(state.texts(in: "signals").keys) == ["baseline", "c2"])
    }

    @Test(arguments: ["KILL", "HUP; rm", "", "1", "SIGSIGHUP"])
    func `a signal that is none is refused, with what it takes`(value: String) async throws {
        let node = try proxies([.init(id: "c1", labels: ["landfall.signal": value]), .init(id: "c2")])
        try node.stage.saveBaseline([])
        let plan = await node.stage.plan([try certificate("a", "f1")]).value
        #expect(plan?.targets.map(\.container) == ["c2"])
        let refusal = try #require(plan?.refusals.first)
        #expect(refusal.origin == Origin(kind: .container, id: "c1", name: "c1"))
        #expect(refusal.reason.contains("HUP"))
    }

    @Test func `planning changes nothing`() async throws {
        let state = try StateStore.inMemory()
        let node = try proxies([.init(id: "c1", started: "2026-07-01T00:00:00Z"), .init(id: "c2")], state: state)
        try node.stage.saveBaseline([])
        let before = try state.texts(in: "signals")
        let plan = await node.stage.plan([try certificate("a", "f1")]).value
        #expect(plan?.targets.map(\.container) == ["c2"])
        #expect(plan?.current == ["c1": ["a": Fingerprint(hex: "f1")]])
        #expect(try state.texts(in: "signals") == before)
        #expect(node.signals.isEmpty)
    }

    @Test func `two hundred containers are each signalled once, and reported in order`() async throws {
        let node = try proxies((100..<300).map { .init(id: "c\($0)") })
        try node.stage.saveBaseline([])
        let results = try await node.run([certificate("a", "f1")])
        #expect(results.map(\.target.container) == (100..<300).map { "c\($0)" })
        #expect(results.allSatisfy { $0.delivery == .signalled })
        #expect(Set(node.signals).count == 200 && node.signals.count == 200)
    }

    @Test func `an engine that does not answer is unavailable`() async throws {
        let node = try proxies([])
        node.engine.stop()
        #expect(await node.stage.plan([]).value == nil)
    }
}
