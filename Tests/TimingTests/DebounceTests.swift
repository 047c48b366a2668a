import Testing
import Timing

@Suite struct DebounceTests {
    private var debounce = Debounce(quiet: .seconds(2), maxWait: .seconds(10))

    @Test mutating func `with no trigger there is nothing to do`() {
        #expect(debounce.step(at: .seconds(100)) == .idle)
    }

    @Test mutating func `one trigger fires after the quiet period`() {
        debounce.trigger(at: .seconds(1), reason: "a")
        #expect(debounce.step(at: .seconds(1)) == .wait(until: .seconds(3)))
        #expect(debounce.step(at: .milliseconds(2999)) == .wait(until: .seconds(3)))
        let cause = RunCause(reasons: ["a"], triggers: 1, waited: .seconds(2))
        #expect(debounce.step(at: .seconds(3)) == .fire(cause))
        #expect(debounce.step(at: .seconds(99)) == .idle)
    }

    @Test mutating func `a burst becomes one run that says why`() {
        for (time, reason) in [(0, "a"), (1, "b"), (2, "a")] { debounce.trigger(at: .seconds(time), reason: reason) }
        let cause = RunCause(reasons: ["a", "b"], triggers: 3, waited: .seconds(4))
        #expect(debounce.step(at: .seconds(4)) == .fire(cause))
    }

    @Test mutating func `triggers without end do not put the run off for longer than the limit`() {
        for time in 0...9 {
            debounce.trigger(at: .seconds(time), reason: "flap")
            #expect(debounce.step(at: .seconds(time)) == .wait(until: .seconds(min(time + 2, 10))))
        }
        #expect(
            debounce.step(at: .seconds(10)) == .fire(RunCause(reasons: ["flap"], triggers: 10, waited: .seconds(10)))
        )
    }

    @Test mutating func `triggers during a run ask for exactly one more`() {
        debounce.trigger(at: .zero, reason: "a")
        _ = debounce.step(at: .seconds(2))
        debounce.trigger(at: .seconds(3), reason: "b")
        debounce.trigger(at: .seconds(4), reason: "c")
        #expect(debounce.step(at: .seconds(60)) == .idle)
        debounce.runEnded()
        #expect(
            debounce.step(at: .seconds(60)) == .fire(RunCause(reasons: ["b", "c"], triggers: 2, waited: .seconds(57)))
        )
        debounce.runEnded()
        #expect(debounce.step(at: .seconds(99)) == .idle)
    }

    @Test mutating func `an urgent trigger waits for no quiet, but for the end of a run`() {
        debounce.trigger(at: .zero, reason: "event")
        debounce.trigger(at: .seconds(1), reason: "SIGHUP", isUrgent: true)
        let first = RunCause(reasons: ["event", "SIGHUP"], triggers: 2, waited: .seconds(1))
        #expect(debounce.step(at: .seconds(1)) == .fire(first))
        debounce.trigger(at: .seconds(2), reason: "SIGHUP", isUrgent: true)
        #expect(debounce.step(at: .seconds(2)) == .idle)
        debounce.runEnded()
        #expect(debounce.step(at: .seconds(3)) == .fire(RunCause(reasons: ["SIGHUP"], waited: .seconds(1))))
    }

    @Test mutating func `a trigger just before the end of a run still gets its quiet period`() {
        debounce.trigger(at: .zero, reason: "a")
        _ = debounce.step(at: .seconds(2))
        debounce.trigger(at: .seconds(9), reason: "b")
        debounce.runEnded()
        #expect(debounce.step(at: .seconds(10)) == .wait(until: .seconds(11)))
    }

    @Test mutating func `a storm of different reasons is counted, not kept`() {
        for number in 0..<50_000 { debounce.trigger(at: .zero, reason: "\(number)") }
        guard case .fire(let cause) = debounce.step(at: .seconds(10)) else {
            Issue.record("nothing fired")
            return
        }
        #expect(cause.triggers == 50_000)
        #expect(cause.reasons == (0..<16).map { "\($0)" })
    }

    @Test func `whatever happens, no trigger is lost, none waits beyond the limit, and runs never overlap`() {
        for seed in 1...200 as ClosedRange<UInt64> { checkInvariants(Chance(seed)) }
    }

    private func checkInvariants(_ chance: Chance) {
        var chance = chance
        var debounce = Debounce(quiet: .seconds(2), maxWait: .seconds(10))
        var now = 0
        var runEnds: Int?
        var waiting: [Int] = []
        for _ in 0..<400 {
            now += Int(chance.next(below: 4))
            if chance.next(below: 3) > 0 {
                debounce.trigger(at: .seconds(now), reason: "x")
                waiting.append(now)
            }
            if let end = runEnds, end <= now {
                debounce.runEnded()
                runEnds = nil
            }
            switch debounce.step(at: .seconds(now)) {
            case .fire(let cause):
                #expect(runEnds == nil)
                #expect(cause.triggers == waiting.count)
                #expect(cause.waited == .seconds(now - (waiting.first ?? now)))
                waiting = []
                runEnds = now + Int(chance.next(below: 30))
            case .wait(let until):
                #expect(until <= .seconds((waiting.first ?? 0) + 10))
                #expect(until > .seconds(now))
            case .idle:
                #expect(runEnds != nil || waiting.isEmpty)
            }
        }
    }
}

/// A sequence that no person would think of, and yet the same every time (Knuth's MMIX constants).
private struct Chance {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next(below limit: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % limit
    }
}
