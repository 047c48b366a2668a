public import Log
import Model
public import Ports
import Synchronization
public import Threads
import Timing

/// Writes recordings, on a thread of its own. Whoever has something to record hands it over and goes on: what cannot be
/// taken or written is lost, and a gap in the recording says so.
public final class Journal: Sendable {
    private enum Waiting { case forWork, forMore }

    private struct State {
        var batch = Batch()
        /// What the thread waits for, if it does.
        var waiting: Waiting?
        var session = 0
        /// Whether that was said since the session began.
        var isWanting = false
        var onWant: @Sendable () -> Void = {}
    }

    /// To be woken for every line would cost more than the line does; so some are gathered.
    private static let gathering = Duration.milliseconds(50)

    let redactor: Redactor
    let clock: any Clock
    private let bell: Wakeup
    private let state = Mutex(State())
    private let listening = Atomic(false)

    /// - Parameter outlets: where lines go from the first session on.
    public init(
        redactor: Redactor,
        clock: any Clock,
        log: Logger,
        outlets: [any RecordingSink] = []
    ) throws(ThreadError) {
        (self.redactor, self.clock) = (redactor, clock)
        bell = try Wakeup()
        // Encoders call themselves, as deep as what they encode.
        try startThread(named: "journal", stackSize: 4 << 20) { [self] in
            var writer = JournalWriter(redactor: redactor, clock: clock, log: log, outlets: outlets)
            while !writer.isFinished {
                writer.work(on: nextBatch().entries)
                note(writer)
            }
        }
    }

    /// From the next session on, lines go there too.
    public func attach(_ outlet: any RecordingSink) {
        submit { $0.batch.add(.attach(outlet)) }
    }

    /// - Parameter act: called, on the journal's thread, when a new session should begin, at the next idle moment.
    public func onWantingSession(_ act: @escaping @Sendable () -> Void) {
        state.withLock { $0.onWant = act }
    }

    /// Writes what was handed over, and waits for that, but no longer than `limit`: a disk may hang.
    public func flush(within limit: Duration) async {
        let (end, continuation) = AsyncStream.makeStream(of: Void.self)
        submit { $0.batch.add(.flush { continuation.finish() }) }
        _ = try? await withTimeout(limit, of: clock) { for await _ in end {} }
    }

    /// Ends the thread, once it has written what was handed over.
    public func finish() {
        submit { $0.batch.add(.finish) }
    }

    /// Whether anybody takes lines.
    var isListening: Bool { listening.load(ordering: .relaxed) }

    /// Returns the session's number. Lines of an earlier one are taken no more.
    func begin(_ header: Header, at start: Duration) -> Int {
        submit { state in
            listening.store(true, ordering: .relaxed)
            state.isWanting = false
            state.session += 1
            state.batch.add(.begin(header, session: state.session, start: start))
            return state.session
        }
    }

    /// - Parameter bytes: what the closure holds, about.
    func write(session: Int, bytes: Int, _ make: @escaping @Sendable (inout RecordingEncoder) -> Void) {
        submit { $0.batch.addIfItFits(.lines(session: session, make), bytes: bytes) }
    }
}

extension Journal {
    private func submit<Value: Sendable>(_ change: (inout State) -> Value) -> Value {
        let (value, isCalled) = state.withLock { state in
            let value = change(&state)
            guard let waiting = state.waiting, waiting == .forWork || state.batch.isUrgent else {
                return (value, false)
            }
            state.waiting = nil
            return (value, true)
        }
        if isCalled { bell.ring() }
        return value
    }

    private func nextBatch() -> Batch {
        wait(.forWork) { $0.entries.isEmpty }
        wait(.forMore) { !$0.isUrgent }
        return state.withLock { state in
            defer { (state.batch, state.waiting) = (Batch(), nil) }
            return state.batch
        }
    }

    /// Waits, where there is reason to.
    private func wait(_ waiting: Waiting, _ isReason: (Batch) -> Bool) {
        let mustWait = state.withLock { state in
            state.waiting = isReason(state.batch) ? waiting : nil
            return state.waiting != nil
        }
        if mustWait { bell.wait(atMost: waiting == .forWork ? nil : Self.gathering) }
    }

    private func note(_ writer: borrowing JournalWriter) {
        let (isListening, wantsSession, session) = (writer.isListening, writer.wantsSession, writer.session)
        let act = state.withLock { state -> (@Sendable () -> Void)? in
            // Where a new session is on its way here, nothing about this one matters.
            guard state.session == session else { return nil }
            listening.store(isListening, ordering: .relaxed)
            guard wantsSession, !state.isWanting else { return nil }
            state.isWanting = true
            return state.onWant
        }
        act?()
    }
}
