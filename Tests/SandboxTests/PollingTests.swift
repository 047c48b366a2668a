import Polling
import TestSupport
import Testing

@Suite struct PollingTests {
    @Test(arguments: [
        ("0.50 0.60 0.70 1/182 15181", 1.0), ("5.00 0.60 0.70 1/182 15181", 2.5), ("0.50 0.60 0.70 8/182 15181", 4),
        ("90.00 0.60 0.70 8/182 15181", 10), ("", 1), ("nonsense", 1),
    ])
    func `a machine is as slow as it has threads for each core, up to ten times`(load: String, slowdown: Double) {
        #expect(MachineLoad.slowdown(loadAverage: load, cores: 2) == slowdown)
    }

    @Test func `a limit lasts longer on a busy machine, and ends all the same`() {
        var budget = TimeBudget(.seconds(30), at: .zero)
        let isLeft = [(20, 1.0), (60, 5), (80, MachineLoad.greatestSlowdown)].map { uptime, slowdown in
            budget.spend(until: .seconds(uptime), slowdown: slowdown)
        }
        #expect(isLeft == [true, true, false])
    }

    @Test func `a condition that never holds fails, with the last error`() async {
        struct Never: Error {}
        await #expect(throws: PollingError.timedOut("it", limit: .zero, reason: "Never()")) {
            try await Poller().wait("it", within: .zero) { throw Never() }
        }
    }
}
