import Docker
import Model
import State
import TestSupport
import Testing

@Suite struct EngineBeliefTests {
    private let clock = TestClock()
    private let state: StateStore
    private let manager = EngineMode.manager(cluster: "k1")

    init() throws {
        state = try .inMemory()
    }

    /// By a belief of its own each time: nothing is known but what the store knows.
    private func obstacle(to mode: EngineMode, after wait: Duration = .zero) -> String? {
        clock.advance(by: wait)
        return ConfirmedEngine(state: state, clock: clock).obstacle(to: mode)
    }

    @Test(arguments: [EngineMode.plain, .manager(cluster: "k1")])
    func `what an engine says first is believed`(mode: EngineMode) {
        #expect(obstacle(to: mode) == nil)
        #expect(obstacle(to: mode, after: .seconds(3600)) == nil)
    }

    @Test(arguments: [
        (EngineMode.plain, "plain engine, as one does that shuts down"),
        (.manager(cluster: "k2"), "manager of cluster k2, which is another Swarm"),
    ])
    func `another part or cluster is believed once it has stood for a minute`(other: EngineMode, told: String) {
        _ = obstacle(to: manager)
        #expect(obstacle(to: other)?.contains(told) == true)
        #expect(obstacle(to: other, after: .seconds(59)) != nil)
        #expect(obstacle(to: other, after: .seconds(1)) == nil)
        #expect(obstacle(to: manager) != nil)
    }

    @Test func `only what has stood without a break is believed`() {
        _ = obstacle(to: manager)
        for interruption in [manager, .manager(cluster: "k2"), .leaderless, .unsettled("locked")] {
            #expect(obstacle(to: .plain) != nil)
            _ = obstacle(to: interruption, after: .seconds(30))
            #expect(obstacle(to: .plain, after: .seconds(59)) != nil)
            #expect(obstacle(to: .plain, after: .seconds(59)) != nil)
            _ = obstacle(to: manager)
        }
    }

    @Test(arguments: [EngineMode.leaderless, .worker, .unsettled("locked"), .unsettled("pending")])
    func `one that can show nothing is told as it is, and what it was stands`(mode: EngineMode) {
        _ = obstacle(to: manager)
        for _ in 1...5 { #expect(obstacle(to: mode, after: .seconds(60)) == mode.obstacle) }
        #expect(obstacle(to: manager) == nil)
        #expect(obstacle(to: .plain) != nil)
    }

    @Test func `a wall clock that was set back begins the minute anew`() {
        _ = obstacle(to: manager)
        _ = obstacle(to: .plain)
        clock.setNow(Timestamp(seconds: 1_000_000_000))
        #expect(obstacle(to: .plain) != nil)
        #expect(obstacle(to: .plain, after: .seconds(60)) == nil)
    }

    @Test(arguments: ["", "null", "[]", #"{"believed":{"gadget":{}}}"#])
    func `a memory that makes no sense is none`(text: String) throws {
        try state.commit(["part": text], in: "engine")
        #expect(obstacle(to: .plain) == nil)
        #expect(obstacle(to: manager) != nil)
    }
}
