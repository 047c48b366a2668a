package import Model
import Ports
import Synchronization

/// A clock that stands still until a test moves it. Tests wait for sleepers, never for time:
/// `await clock.sleepers(1); clock.advance(by: .seconds(2))`.
package final class TestClock: Clock {
    private struct Sleeper {
        let id: Int
        let due: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Timestamp
        var uptime: Duration = .zero
        var lastID = 0
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []
    }

    private let state: Mutex<State>
    /// How long every sleep was to be, in the order in which they began.
    package let sleeps = AsyncCollector<Duration>()

    package init(now: Timestamp = Timestamp(seconds: 1_795_485_783)) { state = Mutex(State(now: now)) }

    package var now: Timestamp { state.withLock(\.now) }
    package var uptime: Duration { state.withLock(\.uptime) }

    package func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { fallAsleep(id, for: duration, $0) }
        } onCancel: {
            remove(id)?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Returns as soon as at least `count` tasks sleep.
    package func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                guard state.sleepers.count < count else { return true }
                state.watchers.append(Watcher(count: count, continuation: continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// Moves both clocks, and wakes in due order whoever is due.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.uptime += duration
            state.now = state.now + duration
            let due = state.sleepers.filter { $0.due <= state.uptime }.sorted { $0.due < $1.due }
            state.sleepers.removeAll { $0.due <= state.uptime }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Moves the wall clock alone, as an administrator or NTP does.
    package func setNow(_ now: Timestamp) { state.withLock { $0.now = now } }

    private func fallAsleep(_ id: Int, for duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let (isAsleep, reached) = state.withLock { state in
            guard duration > .zero else { return (false, [Watcher]()) }
            state.sleepers.append(Sleeper(id: id, due: state.uptime + duration, continuation: continuation))
            let reached = state.watchers.filter { $0.count <= state.sleepers.count }
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            return (true, reached)
        }
        for watcher in reached { watcher.continuation.resume() }
        sleeps.add(duration)
        if !isAsleep {
            continuation.resume()
        } else if Task.isCancelled {
            // The handler may have run before there was anybody to wake.
            remove(id)?.continuation.resume(throwing: CancellationError())
        }
    }

    private func remove(_ id: Int) -> Sleeper? {
        state.withLock { state in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else { return nil }
            return state.sleepers.remove(at: index)
        }
    }
}
