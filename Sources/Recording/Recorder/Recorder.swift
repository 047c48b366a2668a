import Model
import Ports
package import Report
import Synchronization
package import Timing

/// Records one session of the daemon: its calls of ports, arrivals and decisions. A call only reads the clock and adds
/// to a queue; the journal's thread makes the lines.
package final class Recorder: Sendable {
    /// When a call began, and its place among those with the same question.
    struct Start: Sendable {
        let at: Nanoseconds
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
    private let start: Duration
    private let state: Mutex<State>

    /// Begins the recording of a session, with its header.
    package init(_ header: Header, journal: Journal) {
        self.journal = journal
        start = journal.clock.uptime
        state = Mutex(State(lead: journal.clock.now - Timestamp(nanoseconds: start.nanoseconds)))
        session = journal.begin(header, at: start)
    }

    /// Counts a call that begins now; nil while nothing is recorded.
    func begin(_ question: Question) -> Start? {
        guard journal.isRecording else { return nil }
        let key = keyedHash([question.port, question.scope.description, question.request])
        let occurrence = state.withLock { state in
            state.occurrences[key, default: 0] += 1
            return state.occurrences[key, default: 0]
        }
        return Start(at: now(), occurrence: occurrence, key: key)
    }

    /// Writes an exchange that ends now. `answer` and `isNeeded` are called on the journal's thread.
    func end<Value, Failure>(
        _ start: Start?,
        _ question: Question,
        bytes: Int,
        isNeeded: @escaping @Sendable (inout RecordingEncoder, Answer<Value, Failure>) -> Bool = { _, _ in true },
        answer: @escaping @Sendable () -> Answer<Value, Failure>
    ) {
        guard let start else { return }
        let took = now() - start.at
        write(bytes: bytes + question.size) { encoder in
            let answer = answer()
            guard isNeeded(&encoder, answer) else { return }
            let exchange = WrittenExchange(
                at: start.at,
                took: took,
                port: question.port,
                scope: question.scope.description,
                request: question.request,
                occurrence: start.occurrence,
                sent: question.sent.map { Bytes($0) },
                answer: answer
            )
            encoder.write(.exchange, exchange)
        }
    }

    /// Like `end`, for the disk: an answer that is the same as before is not written again.
    func endOnDisk<Value: Hashable, Failure: Hashable>(
        _ start: Start?,
        _ question: Question,
        bytes: Int,
        answer: @escaping @Sendable () -> Answer<Value, Failure>
    ) {
        guard let start else { return }
        end(
            start,
            question,
            bytes: bytes,
            isNeeded: { $0.isNew($1, to: start.key, occurrence: start.occurrence) },
            answer: answer
        )
    }

    /// Writes parts of a stream that arrive now.
    func received(in stream: Int, bytes: Int = 0, _ contents: @escaping @Sendable () -> [StreamPart.Content]) {
        let at = now()
        write(bytes: bytes) { encoder in
            for content in contents() { encoder.write(.stream, StreamPart(at: at, stream: stream, content: content)) }
        }
    }

    /// The number of a stream that is opened.
    func nextStream() -> Int {
        state.withLock { state in
            state.streams += 1
            return state.streams
        }
    }

    private func write(bytes: Int = 0, _ write: @escaping @Sendable (inout RecordingEncoder) -> Void) {
        journal.write(session: session, bytes: bytes, write)
    }

    /// The time since the session began. Writes a line if the wall clock was set in between.
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
        if let jump { write { $0.write(.clock, ClockJump(at: at, by: jump.nanoseconds)) } }
        return at
    }

    package func arrived(_ content: Arrival.Content) { arrived(content, at: now()) }

    package func triggered(_ trigger: Trigger, at time: Duration) {
        if [.hangUp, .file, .once].contains(trigger.kind) {
            let content = Arrival.Content.request(reason: trigger.kind.rawValue, confirmation: trigger.confirmation)
            arrived(content, at: (time - start).nanoseconds)
        }
        decided(.triggered(reason: trigger.description), at: time)
    }

    package func began(_ cause: RunCause, at time: Duration) { decided(.began(cause: cause), at: time) }

    package func ended(_ report: Report, at time: Duration) { decided(.ended(report: report), at: time) }

    private func arrived(_ content: Arrival.Content, at: Nanoseconds) {
        write { $0.write(.arrival, Arrival(at: at, content: content)) }
    }

    private func decided(_ content: Decision.Content, at time: Duration) {
        _ = now()
        let at = (time - start).nanoseconds
        write { $0.write(.decision, Decision(at: at, content: content)) }
    }
}
