import Log
import State
import Synchronization

/// Notes who was signalled, several at a time: a commit waits for the disk, as long as a signal takes.
///
/// A crash in between repeats those few signals.
final class SignalStoreBatch: Sendable {
    private static let size = 16

    private let state: StateStore
    private let log: Logger
    private let pending = Mutex<[String: SignalStore.Told]>([:])

    init(state: StateStore, log: Logger) {
        (self.state, self.log) = (state, log)
    }

    func add(_ container: String, _ told: SignalStore.Told) {
        let isFull = pending.withLock { pending in
            pending[container] = told
            return pending.count >= Self.size
        }
        if isFull { flush() }
    }

    /// Returns when all that was added is on disk, or in the store's own memory.
    func flush() {
        commit(
            pending.withLock { pending in
                defer { pending = [:] }
                return pending
            }
        )
    }

    func commit(_ news: [String: SignalStore.Told], forgetting gone: [String] = []) {
        guard !news.isEmpty || !gone.isEmpty else { return }
        do throws(StateError) {
            try SignalStore.note(news, forgetting: gone, in: state)
        } catch {
            // What could not be noted is signalled again at the next run.
            log.error(
                "cannot store which containers were signalled; they will be signalled again",
                [.error: "\(error)"]
            )
        }
    }
}
