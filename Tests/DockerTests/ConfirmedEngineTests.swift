import Docker
import Model
import State
import TestSupport
import Testing

@Suite struct ConfirmedEngineTests {
    private let clock = TestClock()
    private let state: StateStore
    private let manager = EngineMode.manager(cluster: "k1")

    init() throws { state = try .inMemory() }

    /// By a new instance each time: nothing is known but what the store holds.
    private func unreadableReason(_ mode: EngineMode, after wait: Duration = .zero) -> String? {
        clock.advance(by: wait)
        return ConfirmedEngine(state: state, clock: clock).unreadableReason(of: mode)
    }

    @Test(arguments: [EngineMode.plain, .manager(cluster: "k1")])
    func `what an engine says first is believed`(mode: EngineMode) {
        #expect(unreadableReason(mode) == nil)
        #expect(unreadableReason(mode, after: .seconds(3600)) == nil)
    }

    @Test(arguments: [
        (EngineMode.plain, "plain engine, as it does while it shuts down"),
        (.manager(cluster: "k2"), "manager of cluster k2, which is another Swarm"),
    ])
    func `another part or cluster is believed once it has stood for a minute`(other: EngineMode, reason: String) {
        _ = unreadableReason(manager)
        #expect(unreadableReason(other)?.contains(reason) == true)
        #expect(unreadableReason(other, after: .seconds(59)) != nil)
        #expect(unreadableReason(other, after: .seconds(1)) == nil)
        #expect(unreadableReason(manager) != nil)
    }

    @Test func `only what has stood without a break is believed`() {
        _ = unreadableReason(manager)
        for interruption in [manager, .manager(cluster: "k2"), .leaderless, .unsettled("locked")] {
            #expect(unreadableReason(.plain) != nil)
            _ = unreadableReason(interruption, after: .seconds(30))
            #expect(unreadableReason(.plain, after: .seconds(59)) != nil)
            #expect(unreadableReason(.plain, after: .seconds(59)) != nil)
            _ = unreadableReason(manager)
        }
    }

    @Test(arguments: [EngineMode.leaderless, .worker, .unsettled("locked"), .unsettled("pending")])
    func `a mode without labels is reported at once, and the confirmed one stays`(mode: EngineMode) {
        _ = unreadableReason(manager)
        for _ in 1...5 { #expect(unreadableReason(mode, after: .seconds(60)) == mode.unreadableReason) }
        #expect(unreadableReason(manager) == nil)
        #expect(unreadableReason(.plain) != nil)
    }

    @Test func `a wall clock that was set back begins the minute anew`() {
        _ = unreadableReason(manager)
        _ = unreadableReason(.plain)
        clock.setNow(Timestamp(seconds: 1_000_000_000))
        #expect(unreadableReason(.plain) != nil)
        #expect(unreadableReason(.plain, after: .seconds(60)) == nil)
    }

    @Test(arguments: ["", "null", "[]", #"{"value":{"gadget":{}}}"#])
    func `a memory that makes no sense is none`(text: String) throws {
        try state.commit(["engine": ["mode": text]])
        #expect(unreadableReason(.plain) == nil)
        #expect(unreadableReason(manager) != nil)
    }

    @Test func `the engine of 0.1.0 is read, and its candidate`() throws {
        let engine = ConfirmedEngine(state: try OldState.migrated(), clock: clock)
        clock.setNow(try #require(Timestamp("2026-11-30T07:32:54.000Z")))
        #expect(engine.unreadableReason(of: .plain)?.contains("cluster arln0lobymv0l1glcdj6ktvvv") == true)
        clock.advance(by: .seconds(2))
        #expect(engine.unreadableReason(of: .plain) == nil)
    }
}
