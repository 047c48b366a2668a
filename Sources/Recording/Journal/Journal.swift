public import Log
import Model
import Synchronization
public import Threads
public import Timing

/// Writes recordings, on a thread of its own. Whoever has something to record hands it over and goes on: what cannot be
/// taken or written is lost, and a gap in the recording says so.
public final class Journal: Sendable {
    private struct State {
        var batch = Batch()
        var isThreadWaiting = false
        var session = 0
        var onWant: @Sendable () -> Void = {}
    }

    let redactor: Redactor
    let clock: any Clock
    private let bell: Bell
    private let state = Mutex(State())
    private let listening = Atomic(false)
    private let wanting = Atomic(false)

    public init(redactor: Redactor, clock: any Clock, log: Logger) throws(ThreadError) {
        (self.redactor, self.clock) = (redactor, clock)
        bell = try Bell()
        try startThread(named: "journal") { [self] in
            var writer = JournalWriter(redactor: redactor, clock: clock, log: log)
            while !writer.isFinished {
                writer.work(on: nextBatch())
                note(isListening: writer.isListening, wantsSession: writer.wantsSession)
            }
        }
    }

    /// From the next session on, lines go there too.
    public func attach(_ outlet: any Outlet) {
        submit { $0.add(.attach(outlet)) }
    }

    /// Whether a new session should begin, at the next idle moment.
    public var wantsSession: Bool { wanting.load(ordering: .relaxed) }

    /// - Parameter act: called, on the journal's thread, when `wantsSession` has become true.
    public func onWantingSession(_ act: @escaping @Sendable () -> Void) {
        state.withLock { $0.onWant = act }
    }

    /// Writes what was handed over and ends the thread; waits for that, but no longer than `limit`: a disk may hang.
    public func finish(within limit: Duration) async {
        let (end, continuation) = AsyncStream.makeStream(of: Void.self)
        submit { $0.add(.finish { continuation.finish() }) }
        _ = try? await within(limit, of: clock) { for await _ in end {} }
    }

    /// Whether anybody takes lines.
    var isListening: Bool { listening.load(ordering: .relaxed) }

    /// Returns the session's number. Lines of an earlier one are taken no more.
    func begin(_ header: Header, at start: Duration) -> Int {
        wanting.store(false, ordering: .relaxed)
        listening.store(true, ordering: .relaxed)
        return submit { batch, session in
            session += 1
            batch.add(.begin(header, session: session, start: start))
            return session
        }
    }

    /// - Parameter bytes: what the closure holds, about.
    func write(session: Int, bytes: Int, _ make: @escaping @Sendable (inout Scribe) -> Void) {
        submit { $0.addIfItFits(.lines(session: session, make), bytes: bytes) }
    }
}

extension Journal {
    private func submit(_ change: (inout Batch) -> Void) {
        submit { batch, _ in change(&batch) }
    }

    private func submit<Value: Sendable>(_ change: (inout Batch, inout Int) -> Value) -> Value {
        let (value, isThreadWaiting) = state.withLock { state in
            defer { state.isThreadWaiting = false }
            return (change(&state.batch, &state.session), state.isThreadWaiting)
        }
        if isThreadWaiting { bell.ring() }
        return value
    }

    private func nextBatch() -> Batch {
        while true {
            let batch = state.withLock { state -> Batch? in
                state.isThreadWaiting = state.batch.isEmpty
                guard !state.isThreadWaiting else { return nil }
                defer { state.batch = Batch() }
                return state.batch
            }
            if let batch { return batch }
            bell.wait()
        }
    }

    private func note(isListening: Bool, wantsSession: Bool) {
        listening.store(isListening, ordering: .relaxed)
        guard wantsSession, !wanting.exchange(true, ordering: .relaxed) else { return }
        state.withLock(\.onWant)()
    }
}
