package import Log
import Model
package import Ports
import Synchronization
package import Threads
import Timing

/// Writes recordings on a thread of its own. Its callers never wait: what does not fit the queue or cannot be written is
/// lost, and a gap in the recording says so.
package final class Journal: Sendable {
    private enum Waiting { case forEntries, forMore }

    private struct State {
        var batch = Batch()
        /// What the thread waits for, if it does.
        var waiting: Waiting?
        var session = 0
        /// Whether a new session was requested since this one began.
        var hasRequestedSession = false
    }

    /// How long the thread waits for more lines: waking it for each would cost more than the line does.
    private static let batchDelay = Duration.milliseconds(50)

    let redactor: Redactor
    let clock: any Clock
    private let onNeedingSession: @Sendable () -> Void
    private let wakeup: Wakeup
    private let state = Mutex(State())
    private let recording = Atomic(false)

    /// - Parameter onNeedingSession: called on the journal's thread when a new session should begin, at the next idle moment.
    package init(
        redactor: Redactor,
        clock: any Clock,
        log: Logger,
        sinks: [any RecordingSink] = [],
        onNeedingSession: @escaping @Sendable () -> Void = {}
    ) throws(ThreadError) {
        (self.redactor, self.clock, self.onNeedingSession) = (redactor, clock, onNeedingSession)
        wakeup = try Wakeup()
        // Encoders call themselves, as deep as what they encode.
        try startThread(named: "journal", stackSize: 4 << 20) { [self] in
            var writer = JournalWriter(redactor: redactor, clock: clock, log: log, sinks: sinks)
            while !writer.isFinished {
                writer.work(on: nextBatch().entries)
                update(from: writer)
            }
        }
    }

    /// From the next session on, lines go there too.
    package func attach(_ sink: any RecordingSink) { submit { $0.batch.add(.attach(sink)) } }

    /// Waits until everything handed over so far is written, but no longer than `limit`: a disk may hang.
    package func flush(within limit: Duration) async {
        let (end, continuation) = AsyncStream.makeStream(of: Void.self)
        submit { $0.batch.add(.flush { continuation.finish() }) }
        _ = try? await withTimeout(limit, of: clock) { for await _ in end {} }
    }

    /// Ends the thread, once it has written what was handed over.
    package func finish() { submit { $0.batch.add(.finish) } }

    /// Whether any sink accepts lines.
    var isRecording: Bool { recording.load(ordering: .relaxed) }

    /// Returns the session's number. Lines of earlier ones are dropped from now on.
    func begin(_ header: Header, at start: Duration) -> Int {
        submit { state in
            recording.store(true, ordering: .relaxed)
            state.hasRequestedSession = false
            state.session += 1
            state.batch.add(.begin(header, session: state.session, start: start))
            return state.session
        }
    }

    /// - Parameter bytes: the approximate size of what the closure holds.
    func write(session: Int, bytes: Int, _ make: @escaping @Sendable (inout RecordingEncoder) -> Void) {
        submit { $0.batch.addIfItFits(.lines(session: session, make), bytes: bytes) }
    }

    private func submit<Value: Sendable>(_ change: (inout State) -> Value) -> Value {
        let (value, mustWake) = state.withLock { state in
            let value = change(&state)
            guard let waiting = state.waiting, waiting == .forEntries || state.batch.isUrgent else {
                return (value, false)
            }
            state.waiting = nil
            return (value, true)
        }
        if mustWake { wakeup.wake() }
        return value
    }

    private func nextBatch() -> Batch {
        wait(.forEntries) { $0.entries.isEmpty }
        wait(.forMore) { !$0.isUrgent }
        return state.withLock { state in
            defer { (state.batch, state.waiting) = (Batch(), nil) }
            return state.batch
        }
    }

    private func wait(_ waiting: Waiting, while condition: (Batch) -> Bool) {
        let mustWait = state.withLock { state in
            state.waiting = condition(state.batch) ? waiting : nil
            return state.waiting != nil
        }
        if mustWait { wakeup.wait(atMost: waiting == .forEntries ? nil : Self.batchDelay) }
    }

    private func update(from writer: borrowing JournalWriter) {
        let (isRecording, needsSession, session) = (writer.isRecording, writer.needsSession, writer.session)
        let mustAsk = state.withLock { state in
            // A new session is already on its way.
            guard state.session == session else { return false }
            recording.store(isRecording, ordering: .relaxed)
            guard needsSession, !state.hasRequestedSession else { return false }
            state.hasRequestedSession = true
            return true
        }
        if mustAsk { onNeedingSession() }
    }
}

/// Work for the journal's thread.
enum Entry: Sendable {
    case attach(any RecordingSink)
    /// - Parameter start: the uptime that the session's times count from.
    case begin(Header, session: Int, start: Duration)
    /// Makes lines of a session; those of an earlier session are dropped.
    case lines(session: Int, @Sendable (inout RecordingEncoder) -> Void)
    /// So many entries did not fit.
    case lost(Int)
    /// Calls back when everything before it is written.
    case flush(@Sendable () -> Void)
    case finish
}

/// The entries that wait for the journal's thread, up to a limit.
struct Batch {
    private static let limit = 8 << 20
    /// The approximate size of an entry without its bytes.
    private static let overhead = 256

    private(set) var entries: [Entry] = []
    private var size = 0
    private var isAwaited = false

    /// Whether it should be written without waiting for more.
    var isUrgent: Bool { isAwaited || size > Self.limit / 4 }

    mutating func add(_ entry: Entry) {
        isAwaited = true
        entries.append(entry)
    }

    /// - Parameter bytes: the approximate size of what the entry holds.
    mutating func addIfItFits(_ entry: Entry, bytes: Int) {
        if size + bytes + Self.overhead <= Self.limit {
            size += bytes + Self.overhead
            entries.append(entry)
        } else if case .lost(let count) = entries.last {
            entries[entries.count - 1] = .lost(count + 1)
        } else {
            entries.append(.lost(1))
        }
    }
}
