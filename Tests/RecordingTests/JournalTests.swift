import Log
import Model
import Ports
import Synchronization
import TestSupport
import Testing
import Threads
@testable import Recording

@Suite struct JournalTests {
    private let clock = TestClock()
    private let question = Question(port: "dns", request: "a", scope: .run)

    private func journal(
        _ sinks: any RecordingSink...,
        log: Logger = .silent,
        onNeedingSession: @escaping @Sendable () -> Void = {}
    ) throws -> Journal {
        try Journal(redactor: Redactor(), clock: clock, log: log, sinks: sinks, onNeedingSession: onNeedingSession)
    }

    private func write(_ text: String = "x", to recorder: Recorder) {
        recorder.received(in: 1, bytes: text.utf8.count) { [.line(json: text)] }
    }

    @Test func `lines that a sink could not write become a gap, logged once`() async throws {
        let sink = UnreliableSink()
        let logged = AsyncCollector<String>()
        let clock = clock
        let log = Logger(level: .warning, format: .text, now: { clock.now }, write: { logged.add($0) })
        let journal = try journal(sink, log: log)
        let recorder = Recorder(.plain, journal: journal)
        for reason in [nil, "no space", "no space", nil, nil] {
            sink.error = reason.map { RecordingSinkError($0, isFinal: false) }
            write("\(reason ?? "well")", to: recorder)
            await journal.flush(within: .seconds(10))
        }
        let kinds = try RecordingFixture.lines(of: sink.bytes).map { line in
            switch line {
            case .header: "header"
            case .gap(let gap): "gap: \(gap.reason)"
            default: "line"
            }
        }
        #expect(kinds == ["header", "line", "gap: no space", "line", "line"])
        #expect(logged.all.count == 1)
    }

    @Test func `bytes are written again after a gap`() async throws {
        let sink = UnreliableSink()
        let journal = try journal(sink)
        let recorder = Recorder(.plain, journal: journal)
        await journal.flush(within: .seconds(10))
        let body = [UInt8](repeating: 120, count: 1000)
        for reason in ["no space", nil] {
            sink.error = reason.map { RecordingSinkError($0, isFinal: false) }
            recorder.write(body)
            await journal.flush(within: .seconds(10))
        }
        let blobs = try RecordingFixture.lines(of: sink.bytes).compactMap {
            if case .blob(let blob) = $0 { blob.number } else { nil }
        }
        #expect(blobs == [2])
    }

    @Test func `what does not fit the queue is dropped and reported without blocking`() async throws {
        let sink = UnreliableSink()
        let journal = try journal(sink)
        let recorder = Recorder(.plain, journal: journal)
        await journal.flush(within: .seconds(10))
        let (isHeld, continuation) = AsyncStream.makeStream(of: Void.self)
        let release = try Wakeup()
        // The journal's thread is kept busy until all is handed over.
        recorder.received(in: 1) {
            continuation.finish()
            release.wait()
            return []
        }
        for await _ in isHeld {}
        for _ in 0..<20 { write(String(repeating: "x", count: 1 << 20), to: recorder) }
        release.wake()
        await journal.flush(within: .seconds(10))
        let lines = try RecordingFixture.lines(of: sink.bytes)
        let gaps = lines.compactMap { if case .gap(let gap) = $0 { gap.reason } else { nil } }
        #expect(gaps.count == 1 && lines.count < 12)
        #expect(gaps.first?.hasPrefix("more happened than could be written; ") == true)
    }

    @Test func `nothing is recorded once no sink is open`() async throws {
        let sink = UnreliableSink()
        let journal = try journal(sink)
        let recorder = Recorder(.plain, journal: journal)
        await journal.flush(within: .seconds(10))
        #expect(recorder.begin(question) != nil)
        sink.error = RecordingSinkError("the folder is gone", isFinal: true)
        write(to: recorder)
        await journal.flush(within: .seconds(10))
        await journal.flush(within: .seconds(10))
        #expect(recorder.begin(question) == nil)
    }

    @Test func `a new session is requested once when a sink is full, or was attached`() async throws {
        let sink = UnreliableSink()
        let wants = AsyncCollector<Int>()
        let journal = try journal(sink) { wants.add(1) }
        let first = Recorder(.plain, journal: journal)
        write(to: first)
        await journal.flush(within: .seconds(10))
        #expect(wants.all.isEmpty)
        sink.isFull = true
        for _ in 0..<3 {
            write(to: first)
            await journal.flush(within: .seconds(10))
        }
        await wants.wait(for: 1)
        sink.isFull = false
        let second = Recorder(.plain, journal: journal)
        write(to: second)
        await journal.flush(within: .seconds(10))
        let late = UnreliableSink()
        journal.attach(late)
        await wants.wait(for: 2)
        #expect(late.bytes.isEmpty)
        write(to: Recorder(.plain, journal: journal))
        await journal.flush(within: .seconds(10))
        #expect(try RecordingFixture.lines(of: late.bytes).count == 2)
        #expect(wants.all.count == 2)
    }

    @Test func `a sink that is over gets no more lines`() async throws {
        let sink = UnreliableSink()
        let journal = try journal(sink)
        let recorder = Recorder(.plain, journal: journal)
        await journal.flush(within: .seconds(10))
        sink.isOver = true
        let before = sink.bytes
        write(to: recorder)
        await journal.flush(within: .seconds(10))
        #expect(sink.bytes == before)
    }
}

/// A sink that fails, is full or is over when a test says so.
private final class UnreliableSink: RecordingSink {
    private struct State {
        var bytes: [UInt8] = []
        var error: RecordingSinkError?
        var isFull = false
        var isOver = false
    }

    private let state = Mutex(State())

    var bytes: [UInt8] { state.withLock(\.bytes) }

    var error: RecordingSinkError? {
        get { state.withLock(\.error) }
        set { state.withLock { $0.error = newValue } }
    }

    var isFull: Bool {
        get { state.withLock(\.isFull) }
        set { state.withLock { $0.isFull = newValue } }
    }

    var isOver: Bool {
        get { state.withLock(\.isOver) }
        set { state.withLock { $0.isOver = newValue } }
    }

    func begin(_ header: [UInt8]) throws(RecordingSinkError) { try write(header) }

    func write(_ lines: [UInt8]) throws(RecordingSinkError) {
        try state.withLock { state throws(RecordingSinkError) in
            if let error = state.error { throw error }
            state.bytes += lines
        }
    }

    func pause(_ last: [UInt8]) {}
}

extension Recorder {
    fileprivate func write(_ body: [UInt8]) {
        let question = Question(port: "http", request: "GET http://a", scope: .run)
        end(begin(question), question, bytes: body.count) { .value(Bytes(body)) as Answer<Bytes, Done> }
    }
}
