@testable import Status
import Testing

@Suite struct PulseTests {
    @Test func `loops that turn give no cause for complaint`() {
        var pulse = Liveness(since: .zero)
        #expect(pulse.complaint(at: .seconds(60)) == nil)
        pulse.began(at: .seconds(60))
        pulse.progressed(at: .seconds(1000))
        pulse.eventsLookedAfter(at: .seconds(3000))
        #expect(pulse.complaint(at: .seconds(3500)) == nil)
        pulse.ended(at: .seconds(3500))
        // A message that is delivered late belongs to no run.
        pulse.progressed(at: .seconds(3501))
        pulse.waiting(until: .seconds(3800))
        #expect(pulse.complaint(at: .seconds(3599)) == nil)
    }

    @Test func `a run that does not begin when it is due is a complaint`() {
        var pulse = Liveness(since: .zero)
        pulse.waiting(until: .seconds(300))
        pulse.eventsLookedAfter(at: .seconds(400))
        #expect(pulse.complaint(at: .seconds(419)) == nil)
        #expect(pulse.complaint(at: .seconds(421)) == "a run that was due does not begin")
    }

    @Test func `a run that tells of no step for an hour is a complaint`() {
        var pulse = Liveness(since: .zero)
        pulse.began(at: .seconds(10))
        pulse.eventsLookedAfter(at: .seconds(3700))
        #expect(pulse.complaint(at: .seconds(3600)) == nil)
        #expect(pulse.complaint(at: .seconds(3611)) == "a run makes no progress")
    }

    @Test func `events that nobody looks after are a complaint, and so is a loop that waits for nothing`() {
        var pulse = Liveness(since: .zero)
        #expect(pulse.complaint(at: .seconds(121)) == "no run is waited for")
        pulse.waiting(until: .seconds(5000))
        #expect(pulse.complaint(at: .seconds(601)) == "nobody looks after the engine's events")
    }
}
