import Composition
@testable import Daemon
import Pipeline
import Ports
import Report
import TestSupport
import Testing
import Timing

@Suite struct ConfirmationTests {
    @Test func `the code of a list of deletions reaches the run`() async throws {
        let clock = TestClock()
        let causes = AsyncCollector<RunCause>()
        let loop = RunLoop(
            Debounce(quiet: .seconds(2), maxWait: .seconds(10), interval: .seconds(300)),
            clock: clock,
            observers: []
        ) { cause in
            causes.add(cause)
            return Report(cause: cause, started: clock.now, duration: .zero)
        }
        loop.trigger(Trigger(.event, "service update", subject: "web"))
        loop.trigger(Trigger(.once, confirmation: "1a2b3c4d"))
        let work = Task { await loop.run() }
        let cause = try #require(await causes.wait(for: 1).first)
        #expect(cause.confirmations == ["1a2b3c4d"])
        #expect(cause.reasons == ["service update web", "asked for by hand confirming 1a2b3c4d"])
        work.cancel()
        await work.value
    }
}
