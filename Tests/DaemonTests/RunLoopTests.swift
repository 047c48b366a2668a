import Composition
@testable import Daemon
import Model
import Pipeline
import Ports
import Report
import TestSupport
import Testing
import Timing

@Suite(.limited(minutes: 1)) struct RunLoopTests {
    private let clock = TestClock()
    private let runs = AsyncCollector<RunCause>()
    private let notes = Notes()

    /// Has a loop at work while `body` runs.
    private func withLoop(
        interval: Duration = .seconds(300),
        during perform: @escaping @Sendable () async -> Void = {},
        _ body: (RunLoop) async -> Void
    ) async {
        let debounce = Debounce(quiet: .seconds(2), maxWait: .seconds(10), interval: interval)
        let loop = RunLoop(debounce, clock: clock, observers: [notes]) { [clock, runs] cause in
            runs.add(cause)
            await perform()
            return Report(cause: cause, started: clock.now, duration: .zero)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await loop.run() }
            await body(loop)
            group.cancelAll()
        }
    }

    @Test func `triggers within the quiet period are one run`() async {
        await withLoop { loop in
            loop.trigger(Trigger(.event, "service create", subject: "a"))
            loop.trigger(Trigger(.event, "service create", subject: "b"))
            await clock.sleepers(1)
            #expect(runs.all.isEmpty)
            clock.advance(by: .seconds(2))
            let causes = await runs.wait(for: 1)
            #expect(causes.map(\.reasons) == [["service create a", "service create b"]])
        }
    }

    @Test func `an urgent trigger starts a run at once, even if a timer is set`() async {
        await withLoop { loop in
            loop.trigger(Trigger(.event))
            await clock.sleepers(1)
            loop.trigger(Trigger(.hangUp))
            #expect(await runs.wait(for: 1).map(\.kinds) == [[.event, .hangUp]])
        }
    }

    @Test func `triggers during a run make exactly one more`() async {
        let gate = AsyncCollector<Int>()
        await withLoop {
            await gate.wait(for: 1)
        } _: { loop in
            loop.trigger(Trigger(.hangUp))
            await runs.wait(for: 1)
            for number in 0..<5 { loop.trigger(Trigger(.event, "later \(number)")) }
            #expect(runs.all.count == 1)
            clock.advance(by: .seconds(2))
            gate.add(1)
            #expect(await runs.wait(for: 2).last?.triggers == 5)
        }
        #expect(runs.all.count == 2)
    }

    @Test func `a storm during a run is counted and becomes one more run`() async {
        let gate = AsyncCollector<Int>()
        let storm = 50_000
        await withLoop {
            await gate.wait(for: 1)
        } _: { loop in
            loop.trigger(Trigger(.hangUp))
            await runs.wait(for: 1)
            for number in 0..<storm { loop.trigger(Trigger(.event, "service update", subject: "s\(number)")) }
            clock.advance(by: .seconds(2))
            gate.add(1)
            let cause = await runs.wait(for: 2).last
            #expect(cause?.triggers == storm)
            #expect(cause?.reasons.count == 16)
        }
    }

    @Test func `the timer starts when a run has ended`() async {
        await withLoop(interval: .seconds(60)) { loop in
            loop.trigger(Trigger(.startUp))
            await runs.wait(for: 1)
            await clock.sleepers(1)
            clock.advance(by: .seconds(60))
            await clock.sleepers(1)
            clock.advance(by: .seconds(2))
            #expect(await runs.wait(for: 2).last?.reasons == ["timer"])
        }
    }

    @Test func `a request by hand gets the report of a run that began after it`() async {
        let gate = AsyncCollector<Int>()
        let answers = AsyncCollector<Report?>()
        await withLoop {
            await gate.wait(for: 1)
        } _: { loop in
            loop.trigger(Trigger(.startUp))
            await runs.wait(for: 1)
            loop.trigger(Trigger(.once)) { answers.add($0) }
            gate.add(1)
            #expect(await answers.wait(for: 1).map { $0?.reasons } == [["asked for by hand"]])
        }
    }

    @Test func `stopping cancels the run, waits for it, and answers all requests`() async {
        let ended = AsyncCollector<Bool>()
        let answers = AsyncCollector<Report?>()
        var stopped: RunLoop?
        await withLoop { [clock] in
            try? await clock.sleep(for: .seconds(3600))
            ended.add(Task.isCancelled)
        } _: { loop in
            loop.trigger(Trigger(.startUp))
            await runs.wait(for: 1)
            loop.trigger(Trigger(.once)) { answers.add($0) }
            await clock.sleepers(1)
            stopped = loop
        }
        #expect(ended.all == [true])
        stopped?.trigger(Trigger(.once)) { answers.add($0) }
        #expect(answers.all.map { $0 == nil } == [true, true])
    }

    @Test func `it ends after the run in flight and the requests, and leaves other triggers pending`()
        async
    {
        let gate = AsyncCollector<Int>()
        let answers = AsyncCollector<Report?>()
        let debounce = Debounce(quiet: .seconds(2), maxWait: .seconds(10), interval: .seconds(300))
        let loop = RunLoop(debounce, clock: clock, observers: [notes]) { [clock, runs] cause in
            runs.add(cause)
            await gate.wait(for: 1)
            return Report(cause: cause, started: clock.now, duration: .zero)
        }
        loop.trigger(Trigger(.startUp))
        async let life: Void = loop.run()
        await runs.wait(for: 1)
        loop.trigger(Trigger(.once)) { answers.add($0) }
        loop.endWhenFree()
        gate.add(1)
        await answers.wait(for: 1)
        loop.trigger(Trigger(.event))
        await life
        #expect(runs.all.map(\.kinds) == [[.startUp], [.once]])
        #expect(answers.all.map { $0 != nil } == [true])
    }

    @Test func `observers are called with the times at which things were due`() async {
        await withLoop { loop in
            loop.trigger(Trigger(.event, "service update", subject: "web"))
            await clock.sleepers(1)
            clock.advance(by: .milliseconds(2500))
            await notes.all.wait(for: 3)
        }
        #expect(
            notes.all.all == [
                "service update web at 0.0 seconds", "run for service update web at 2.0 seconds",
                "report at 2.5 seconds",
            ]
        )
    }
}

private struct Notes: RunObserver {
    let all = AsyncCollector<String>()

    func triggered(_ trigger: Trigger, at time: Duration) { all.add("\(trigger) at \(time)") }
    func began(_ cause: RunCause, at time: Duration) { all.add("run for \(cause.reasons[0]) at \(time)") }
    func ended(_ report: Report, at time: Duration) { all.add("report at \(time)") }
}
