import Testing
import Timing

@Suite struct DebounceTests {
    private var debounce = Debounce(quiet: .seconds(2), maxWait: .seconds(10), interval: .seconds(300))

    private mutating func event(_ reason: String = "x", at seconds: Int) {
        debounce.trigger(Trigger(.event, reason), at: .seconds(seconds))
    }

    private func cause(_ reasons: String..., kinds: [Trigger.Kind] = [.event], triggers: Int = 1, waited: Int)
        -> RunCause
    {
        RunCause(reasons: reasons, kinds: kinds, triggers: triggers, waited: .seconds(waited))
    }

    @Test mutating func `without a trigger there is nothing to do`() {
        #expect(debounce.step(at: .seconds(100)) == .idle)
    }

    @Test mutating func `one trigger fires after the quiet period`() {
        event("a", at: 1)
        #expect(debounce.step(at: .seconds(1)) == .wait(until: .seconds(3)))
        #expect(debounce.step(at: .milliseconds(2999)) == .wait(until: .seconds(3)))
        #expect(debounce.step(at: .seconds(3)) == .fire(cause("a", waited: 2), at: .seconds(3)))
        #expect(debounce.step(at: .seconds(99)) == .idle)
    }

    @Test mutating func `a burst becomes one run that says why`() {
        for (time, reason) in [(0, "a"), (1, "b"), (2, "a")] { event(reason, at: time) }
        let cause = cause("a", "b", triggers: 3, waited: 4)
        #expect(debounce.step(at: .seconds(4)) == .fire(cause, at: .seconds(4)))
    }

    @Test mutating func `endless triggers do not delay the run beyond the limit`() {
        for time in 0...9 {
            event(at: time)
            #expect(debounce.step(at: .seconds(time)) == .wait(until: .seconds(min(time + 2, 10))))
        }
        #expect(debounce.step(at: .seconds(10)) == .fire(cause("x", triggers: 10, waited: 10), at: .seconds(10)))
    }

    @Test mutating func `a decision uses its due time, so a later trigger counts for the next run`() {
        event("a", at: 0)
        event("late", at: 3)
        #expect(debounce.step(at: .seconds(4)) == .fire(cause("a", waited: 2), at: .seconds(2)))
        debounce.runEnded(at: .seconds(4), readAll: true)
        #expect(debounce.step(at: .seconds(9)) == .fire(cause("late", waited: 2), at: .seconds(5)))
    }

    @Test mutating func `triggers during a run lead to exactly one more`() {
        event("a", at: 0)
        _ = debounce.step(at: .seconds(2))
        event("b", at: 3)
        event("c", at: 4)
        #expect(debounce.step(at: .seconds(60)) == .idle)
        debounce.runEnded(at: .seconds(60), readAll: true)
        let next = cause("b", "c", triggers: 2, waited: 57)
        #expect(debounce.step(at: .seconds(61)) == .fire(next, at: .seconds(60)))
        debounce.runEnded(at: .seconds(62), readAll: true)
        #expect(debounce.step(at: .seconds(99)) == .wait(until: .seconds(362)))
    }

    @Test mutating func `an urgent trigger skips the quiet period, but waits for the end of a run`() {
        event("event", at: 0)
        debounce.trigger(Trigger(.hangUp), at: .seconds(1))
        let first = cause("event", "SIGHUP", kinds: [.event, .hangUp], triggers: 2, waited: 1)
        #expect(debounce.step(at: .seconds(1)) == .fire(first, at: .seconds(1)))
        debounce.trigger(Trigger(.hangUp), at: .seconds(2))
        #expect(debounce.step(at: .seconds(2)) == .idle)
        debounce.runEnded(at: .seconds(3), readAll: true)
        let second = cause("SIGHUP", kinds: [.hangUp], waited: 1)
        #expect(debounce.step(at: .seconds(3)) == .fire(second, at: .seconds(3)))
    }

    @Test mutating func `a trigger just before the end of a run still gets its quiet period`() {
        event(at: 0)
        _ = debounce.step(at: .seconds(2))
        event(at: 9)
        debounce.runEnded(at: .seconds(10), readAll: true)
        #expect(debounce.step(at: .seconds(10)) == .wait(until: .seconds(11)))
    }

    @Test
    mutating func `the timer counts from the last full run, even if a service flaps`() {
        debounce.trigger(Trigger(.startUp), at: .zero)
        _ = debounce.step(at: .zero)
        debounce.runEnded(at: .zero, readAll: true)
        for time in stride(from: 0, to: 300, by: 4) {
            event(at: time)
            _ = debounce.step(at: .seconds(time + 2))
            debounce.runEnded(at: .seconds(time + 3), readAll: false)
        }
        event(at: 300)
        let next = cause("timer", "x", kinds: [.timer, .event], triggers: 2, waited: 2)
        #expect(debounce.step(at: .seconds(302)) == .fire(next, at: .seconds(302)))
        debounce.runEnded(at: .seconds(305), readAll: true)
        #expect(debounce.step(at: .seconds(305)) == .wait(until: .seconds(605)))
    }

    @Test mutating func `a full run that begins earlier resets the timer`() {
        debounce.trigger(Trigger(.startUp), at: .zero)
        _ = debounce.step(at: .zero)
        debounce.runEnded(at: .seconds(1), readAll: true)
        debounce.trigger(Trigger(.once), at: .seconds(300))
        guard case .fire = debounce.step(at: .seconds(300)) else {
            Issue.record("nothing fired")
            return
        }
        debounce.runEnded(at: .seconds(303), readAll: true)
        #expect(debounce.step(at: .seconds(310)) == .wait(until: .seconds(603)))
    }

    @Test mutating func `each trigger gets the number of the run that answers it`() {
        #expect(debounce.trigger(Trigger(.startUp), at: .zero) == 1)
        _ = debounce.step(at: .zero)
        #expect(debounce.trigger(Trigger(.once), at: .seconds(1)) == 2)
        #expect(debounce.trigger(Trigger(.once), at: .seconds(2)) == 2)
        #expect(debounce.runs == 1)
        debounce.runEnded(at: .seconds(3), readAll: true)
        #expect(debounce.trigger(Trigger(.once), at: .seconds(4)) == 3)
    }

    @Test mutating func `reasons of a storm are counted, not kept`() {
        for number in 0..<100_000 { debounce.trigger(Trigger(.event, "\(number)"), at: .zero) }
        guard case .fire(let cause, _) = debounce.step(at: .seconds(10)) else {
            Issue.record("nothing fired")
            return
        }
        #expect(cause.triggers == 100_000)
        #expect(cause.reasons == (0..<16).map { "\($0)" })
    }
}
