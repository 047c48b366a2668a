import Polling
package import Testing
import Ports
import Timing

/// Returns the first value that `probe` has; it is asked again and again, and what it throws counts as no value yet.
///
/// - Parameter limit: on a machine that is not busy (`TimeBudget`).
@discardableResult
package func eventually<Value>(
    _ what: String,
    within limit: Duration = .seconds(30),
    _ probe: () async throws -> Value?
) async throws -> Value {
    try await Poller().value(what, within: limit, probe)
}

/// Returns as soon as `condition` holds; throws when it does not in time.
package func eventually(
    _ what: String,
    within limit: Duration = .seconds(30),
    _ condition: () async throws -> Bool
) async throws {
    try await Poller().wait(what, within: limit, condition)
}

extension Duration {
    /// This limit, longer by how busy the machine is now: for interfaces that take a fixed limit, such as a process's.
    package var scaledToLoad: Duration { self * MachineLoad.slowdown }
}

/// Ends a test that takes too long, measured as `eventually` does: `@Suite(.limited(minutes: 1))`.
package struct LoadScaledTimeLimit: TestTrait, SuiteTrait, TestScoping {
    fileprivate let minutes: Int

    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withoutActuallyEscaping(function) { function in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await function() }
                group.addTask { try await endOfTime() }
                // The test may go on until it notices that it is cancelled; the group waits for that.
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private func endOfTime() async throws {
        let clock = SystemClock()
        var budget = TimeBudget(.seconds(60 * minutes), at: clock.uptime)
        repeat { try await clock.sleep(for: .seconds(1)) } while budget.spend(until: clock.uptime)
        Issue.record("it takes longer than \(minutes) min on a machine that is not busy")
    }
}

extension Trait where Self == LoadScaledTimeLimit {
    package static func limited(minutes: Int) -> Self { Self(minutes: minutes) }
}
