import Model
import Ports
import Synchronization

/// Records one session of the daemon: what its ports are asked and answer, what arrives, what is decided.
///
/// It costs the session a look at the clock and a place in a queue; lines are made elsewhere. Once nobody listens, not
/// even that.
public final class Recorder: Sendable {
    /// When a call began, and which of its kind it is.
    struct Start: Sendable {
        let at: Nanoseconds
        let scope: Scope
        let occurrence: Int
        /// A keyed hash of the question.
        let key: Int
    }

    private struct State {
        /// How often each question was asked, by keyed hashes of the questions.
        var occurrences: [Int: Int] = [:]
        /// How far the wall clock is ahead of the uptime.
        var lead: Duration
        var streams = 0
    }

    private static let tolerance = Duration.milliseconds(100)

    let journal: Journal
    private let session: Int
    /// The uptime that its times count from.
    let start: Duration
    private let state: Mutex<State>

    /// Begins the recording of a session, with its header.
    public init(_ header: Header, journal: Journal) {
        self.journal = journal
        start = journal.clock.uptime
        state = Mutex(State(lead: journal.clock.now - Timestamp(nanoseconds: start.nanoseconds)))
        session = journal.begin(header, at: start)
    }

    /// Nil when nobody listens.
    ///
    /// - Parameter request: in parts, so that nobody has to join them.
    func start(_ port: Port, _ request: String..., for scope: Scope) -> Start? {
        guard journal.isListening else { return nil }
        var hasher = Hasher()
        hasher.combine(port)
        hasher.combine(scope)
        for part in request { hasher.combine(part) }
        let key = hasher.finalize()
        let occurrence = state.withLock { state in
            state.occurrences[key, default: 0] += 1
            return state.occurrences[key, default: 0]
        }
        return Start(at: now(), scope: scope, occurrence: occurrence, key: key)
    }

    /// Writes an exchange that ends now.
    ///
    /// - Parameter bytes: what `call` holds, about.
    func end(_ start: Start?, bytes: Int = 0, _ call: @escaping @Sendable (inout RecordingEncoder) -> Call) {
        guard let start else { return }
        let took = now() - start.at
        journal.write(session: session, bytes: bytes) { $0.write(start, took: took, call(&$0)) }
    }

    /// As `end`, for an answer from the disk: the same as before is not told again.
    func end(
        _ start: Start?,
        onDisk answer: some Hashable & Sendable,
        bytes: Int = 0,
        _ call: @escaping @Sendable (inout RecordingEncoder) -> Call
    ) {
        guard let start else { return }
        let took = now() - start.at
        journal.write(session: session, bytes: bytes) { scribe in
            guard scribe.isNews(start.key, start.occurrence, answer) else { return }
            scribe.write(start, took: took, call(&scribe))
        }
    }

    /// Writes what happens now.
    func note(bytes: Int = 0, _ write: @escaping @Sendable (Nanoseconds, inout RecordingEncoder) -> Void) {
        let at = now()
        journal.write(session: session, bytes: bytes) { write(at, &$0) }
    }

    /// The number of a stream that is opened.
    func nextStream() -> Int {
        state.withLock { state in
            state.streams += 1
            return state.streams
        }
    }

    /// Since the session began. Notes when the wall clock was set.
    private func now() -> Nanoseconds {
        let uptime = journal.clock.uptime
        let lead = journal.clock.now - Timestamp(nanoseconds: uptime.nanoseconds)
        let at = (uptime - start).nanoseconds
        let jump = state.withLock { state -> Duration? in
            let jump = lead - state.lead
            guard jump > Self.tolerance || jump < .zero - Self.tolerance else { return nil }
            state.lead = lead
            return jump
        }
        if let jump {
            journal.write(session: session, bytes: 0) { $0.write(.clock(ClockJump(at: at, by: jump.nanoseconds))) }
        }
        return at
    }
}

extension RecordingEncoder {
    fileprivate mutating func write(_ start: Recorder.Start, took: Nanoseconds, _ call: Call) {
        let (at, scope, occurrence) = (start.at, start.scope.description, start.occurrence)
        write(.exchange(Exchange(at: at, took: took, scope: scope, occurrence: occurrence, call: call)))
    }
}
