@testable import Status
import Testing

@Suite struct LivenessTests {
    @Test func `running loops are healthy`() {
        var liveness = Liveness(since: .zero)
        #expect(liveness.unhealthyReason(at: .seconds(60)) == nil)
        liveness.began(at: .seconds(60))
        liveness.progressed(at: .seconds(1000))
        liveness.eventsChecked(at: .seconds(3000))
        #expect(liveness.unhealthyReason(at: .seconds(3500)) == nil)
        liveness.ended(at: .seconds(3500))
        // A message that is delivered late belongs to no run.
        liveness.progressed(at: .seconds(3501))
        liveness.waiting(until: .seconds(3800))
        #expect(liveness.unhealthyReason(at: .seconds(3599)) == nil)
    }

    @Test func `a due run that does not start is unhealthy`() {
        var liveness = Liveness(since: .zero)
        liveness.waiting(until: .seconds(300))
        liveness.eventsChecked(at: .seconds(400))
        #expect(liveness.unhealthyReason(at: .seconds(419)) == nil)
        #expect(liveness.unhealthyReason(at: .seconds(421)) == "a run is due but has not started")
    }

    @Test func `a run without progress for an hour is unhealthy`() {
        var liveness = Liveness(since: .zero)
        liveness.began(at: .seconds(10))
        liveness.eventsChecked(at: .seconds(3700))
        #expect(liveness.unhealthyReason(at: .seconds(3600)) == nil)
        #expect(liveness.unhealthyReason(at: .seconds(3611)) == "a run is making no progress")
    }

    @Test func `unwatched events are unhealthy, and so is a loop without a scheduled run`() {
        var liveness = Liveness(since: .zero)
        #expect(liveness.unhealthyReason(at: .seconds(121)) == "no run is scheduled")
        liveness.waiting(until: .seconds(5000))
        #expect(liveness.unhealthyReason(at: .seconds(601)) == "Docker's events are not being watched")
    }
}
