import Model
import Report
import State
import TestSupport
import Testing

@testable import Delivery

/// Containers that end at the signal which should make them reload.
@Suite(.limited(minutes: 1)) struct EndedSignalTests {
    private func proxies(_ proxies: [Proxies.Proxy]) throws -> Proxies {
        let node = try Proxies(proxies, state: try StateStore.inMemory())
        try node.stage.saveBaseline([])
        return node
    }

    private func replica(_ id: String, created: Int = 0, exit: Int? = 129) -> Proxies.Proxy {
        let labels = ["landfall.signal": "HUP", "com.docker.swarm.service.name": "web"]
        return .init(id: id, labels: labels, created: created, exit: exit)
    }

    @Test func `it is named with what it ended with, and not signalled again for the same certificate`() async throws {
        let node = try proxies([.init(id: "c1", exit: 129)])
        let disk = [try certificate("a", "f1")]
        let results = try await node.run(disk)
        #expect(results.map(\.delivery) == [.ended("ended at HUP (129)")])
        guard case .refused(let reason)? = results.first?.outcome else {
            Issue.record("\(results)")
            return
        }
        #expect(reason.hasPrefix("ended at HUP (129): it is not signalled for this again"))
        #expect(try await node.run(disk).isEmpty)
        #expect(node.signals == ["c1 HUP"])
        let hint = try #require(node.stage.hints(disk).first)
        #expect(hint.text.hasPrefix("c1 ended at HUP (129), which told it of a; it is not signalled for this again; "))
        #expect(hint.isAbout(try DomainName("a.test")))
        // Another certificate is another try.
        #expect(try await node.run([certificate("a", "f2")]).map(\.delivery.result) == [.ended])
    }

    @Test func `one that its restart policy has started again, and one that is removed, have ended too`() async throws {
        let node = try proxies([
            .init(id: "c1", exit: 129, restarts: true), .init(id: "c2", exit: 129, isRemoved: true),
        ])
        #expect(
            try await node.run([certificate("a", "f1")]).map(\.delivery) == [
                .ended("ended at HUP"), .ended("ended at HUP"),
            ]
        )
    }

    @Test func `the end of a service's first replica spares the others, and those that replace it`() async throws {
        let node = try proxies([replica("c1"), replica("c2"), replica("c3"), .init(id: "other", exit: nil)])
        let disk = [try certificate("a", "f1")]
        let results = try await node.run(disk)
        #expect(results.map(\.delivery.result) == [.ended, .heldBack, .heldBack, .signalled])
        #expect(results[1].outcome == .refused("not signalled, because c1 ended at HUP (129)"))
        #expect(Set(node.signals) == ["c1 HUP", "other HUP"])
        // The Swarm's replacement, within a minute of the certificate.
        node.set([replica("c4", created: 1_780_315_210), replica("c2"), replica("c3")])
        #expect(try await node.run(disk).isEmpty)
        #expect(node.signals.count == 2)
    }

    @Test func `a service whose containers get through a later signal is remembered no longer`() async throws {
        let node = try proxies([replica("c1")])
        let disk = [try certificate("a", "f1")]
        try await node.run(disk)
        #expect(node.stage.hints(disk).count == 1)
        node.set([replica("c2", exit: nil)])
        #expect(try await node.run([certificate("a", "f2")]).map(\.delivery) == [.signalled])
        #expect(node.stage.hints(disk).isEmpty)
    }

    @Test func `a container that was removed is remembered no longer`() async throws {
        let node = try proxies([.init(id: "c1", exit: 129)])
        let disk = [try certificate("a", "f1")]
        try await node.run(disk)
        node.set([])
        try await node.run(disk)
        #expect(node.stage.hints(disk).isEmpty)
    }

    @Test func `of each service one goes first, and then the others`() {
        var sweep = SignalSweep(Array(repeating: "web", count: 10) + ["a", "b"])
        var waves: [[Int]] = []
        while case let wave = sweep.next(), !wave.isEmpty {
            waves.append(wave)
            for place in wave { sweep.note(.signalled, of: place < 10 ? "web" : place == 10 ? "a" : "b", name: "c") }
        }
        #expect(waves == [[0, 10, 11], Array(1..<10)])
        #expect(sweep.heldBack.isEmpty)
    }

    @Test func `a sweep stops where one ends, and tells why`() {
        var sweep = SignalSweep(Array(repeating: "web", count: 8))
        for place in sweep.next() { sweep.note(.ended("ended at HUP (1)"), of: "web", name: "web.\(place + 1)") }
        #expect(sweep.next().isEmpty)
        #expect(sweep.heldBack.map(\.place) == [1, 2, 3, 4, 5, 6, 7])
        #expect(sweep.heldBack.first?.reason == "web.1 ended at HUP (1)")
    }
}
