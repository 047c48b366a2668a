@testable import Daemon
import Model
import Pipeline
import TestSupport
import Testing
import Timing

@Suite struct RunLoopTests {
    private let clock = TestClock()
    private let runs = Gathering<RunCause>()

    private func loop(interval: Duration = .seconds(300), _ during: @escaping @Sendable () async -> Void = {})
        -> RunLoop
    {
        let debounce = Debounce(quiet: .seconds(2), maxWait: .seconds(10))
        return RunLoop(debounce, interval: interval, clock: clock) { [clock, runs] cause in
            runs.add(cause)
            await during()
            return Report(cause: cause, started: clock.now, duration: .zero)
        }
    }

    @Test func `triggers within the quiet period are one run`() async {
        let loop = loop()
        await loop.trigger("service create a")
        await loop.trigger("service create b")
        await clock.sleepers(1)
        #expect(runs.all.isEmpty)
        clock.advance(by: .seconds(2))
        let causes = await runs.wait(for: 1)
        #expect(causes.map(\.reasons) == [["service create a", "service create b"]])
        await loop.stop()
    }

    @Test func `an urgent trigger waits for nothing`() async {
        let loop = loop()
        await loop.trigger("SIGHUP", isUrgent: true)
        #expect(await runs.wait(for: 1).map(\.waited) == [.zero])
        await loop.stop()
    }

    @Test func `triggers during a run make exactly one more`() async {
        let gate = Gathering<Int>()
        let loop = loop { await gate.wait(for: 1) }
        await loop.trigger("first", isUrgent: true)
        await runs.wait(for: 1)
        for number in 0..<5 { await loop.trigger("later \(number)") }
        #expect(runs.all.count == 1)
        clock.advance(by: .seconds(2))
        gate.add(1)
        #expect(await runs.wait(for: 2).last?.triggers == 5)
        await loop.stop()
        #expect(runs.all.count == 2)
    }

    @Test func `the timer starts when a run has ended`() async {
        let loop = loop(interval: .seconds(60))
        await loop.trigger("start-up", isUrgent: true)
        await runs.wait(for: 1)
        await clock.sleepers(1)
        clock.advance(by: .seconds(60))
        await clock.sleepers(1)
        clock.advance(by: .seconds(2))
        #expect(await runs.wait(for: 2).last?.reasons == ["timer"])
        await loop.stop()
    }

    @Test func `who asks by hand gets the report of a run that began after the question`() async {
        let gate = Gathering<Int>()
        let loop = loop { await gate.wait(for: 1) }
        await loop.trigger("start-up", isUrgent: true)
        await runs.wait(for: 1)
        async let answer = loop.runNow("asked for by hand")
        gate.add(1)
        #expect(await answer?.reasons == ["asked for by hand"])
        await loop.stop()
    }

    @Test func `stopping cancels the run, waits for it, and leaves nobody waiting`() async {
        let ended = Gathering<Bool>()
        let loop = loop { [clock] in
            try? await clock.sleep(for: .seconds(3600))
            ended.add(Task.isCancelled)
        }
        async let answer = loop.runNow("asked for by hand")
        await runs.wait(for: 1)
        await clock.sleepers(1)
        await loop.stop()
        #expect(ended.all == [true])
        _ = await answer
        #expect(await loop.runNow("too late") == nil)
    }
}
