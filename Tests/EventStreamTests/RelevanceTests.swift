import Docker
import EventStream
import Model
import TestSupport
import Testing

@Suite struct RelevanceTests {
    private static let manager = EngineMode.manager(cluster: "k")

    private func relevant(_ capture: String, in mode: EngineMode, label: String = "my.label") throws -> [String] {
        let relevance = Relevance(mode: mode)
        var decoder = EventDecoder(hostLabels: ["landfall.host", label])
        return decoder.events(in: try FixtureFile("events/\(capture).jsonl").bytes())
            .filter(relevance.isRelevant)
            .map { "\($0.action) \($0.name)" }
    }

    @Test(arguments: [
        ("create", ["create b-web"]), ("label-update", ["update b-web"]), ("noop-update", ["update b-web"]),
        ("remove", ["remove b-web"]), ("missing-image-service", ["create b-noimg"]), ("health", []), ("node-drain", []),
        ("rollback", ["update b-web", "update b-web"]),
    ])
    func `under Swarm, services count`(capture: String, expected: [String]) throws {
        #expect(try relevant(capture, in: Self.manager) == expected)
    }

    @Test func `on a plain engine, containers with the label count, and only what may change them`() throws {
        #expect(
            try relevant("plain-container", in: .plain) == [
                "create b-plain", "start b-plain", "die b-plain", "start b-plain", "rename b-plain2", "die b-plain2",
                "start b-plain2", "die b-plain2", "destroy b-plain2",
            ]
        )
        #expect(try relevant("plain-container", in: .plain, label: "other.label").isEmpty)
        // A manager's node may have such containers beside its tasks.
        #expect(
            try relevant("plain-container", in: Self.manager) == relevant("plain-container", in: .plain)
        )
        #expect(try relevant("create", in: .plain, label: "ck").isEmpty)
    }

    @Test func `Podman's words for a container's end and removal count`() throws {
        #expect(
            try relevant("podman-container", in: .plain) == [
                "create web", "start web", "rename web2", "die web2", "remove web2",
            ]
        )
        let died = EngineEvent(
            type: "container",
            action: "died",
            id: "c1",
            hasHostLabel: true,
            time: Timestamp(seconds: 0)
        )
        #expect(Relevance(mode: .plain).isRelevant(died))
    }

    @Test func `a recording holds no health checks, and no events of tasks`() throws {
        func lines(_ capture: String) throws -> Int {
            try EventExtract(hostLabels: ["landfall.host"]).lines(in: FixtureFile("events/\(capture).jsonl").bytes())
                .events
                .count
        }
        #expect(try lines("plain-container") == 9)
        #expect(try lines("podman-container") == 5)
    }

    @Test(arguments: [EngineMode.worker, .leaderless, .unsettled("locked")])
    func `where nothing can be read, nothing counts`(mode: EngineMode) throws {
        #expect(try relevant("create", in: mode).isEmpty)
        #expect(try relevant("plain-container", in: mode).isEmpty)
    }

    @Test func `Landfall's own helper services never count, a user's service of a similar name does`() {
        let relevance = Relevance(mode: Self.manager)
        let line = { (name: String) in
            Array(#"{"Type":"service","Action":"create","Actor":{"ID":"s","Attributes":{"name":"\#(name)"}}}"#.utf8) + [
                10
            ]
        }
        var decoder = EventDecoder()
        let events = decoder.events(in: line("landfall-signal-3f2a") + line("landfall_web"))
        #expect(events.map(relevance.isRelevant) == [false, true])
    }
}
