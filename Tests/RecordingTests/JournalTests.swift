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

    private func journal(_ outlets: any RecordingSink..., log: Logger = .silent) throws -> Journal {
        try Journal(redactor: Redactor(), clock: clock, log: log, outlets: outlets)
    }

    private func note(_ recorder: Recorder, _ text: String = "x") {
        recorder.note(bytes: text.utf8.count) { at, scribe in
            scribe.write(.stream(StreamPart(at: at, stream: 1, content: .line(json: text))))
        }
    }

    @Test func `what an outlet could not take is a gap once it can again, and is said once`() async throws {
        let outlet = FickleOutlet()
        let said = AsyncCollector<String>()
        let clock = clock
        let log = Logger(level: .warning, format: .text, now: { clock.now }, write: { said.add($0) })
        let journal = try journal(outlet, log: log)
        let recorder = Recorder(.plain, journal: journal)
        for trouble in [nil, "no space", "no space", nil, nil] {
            outlet.trouble = trouble.map { RecordingSinkError($0, isFinal: false) }
            note(recorder, "\(trouble ?? "well")")
            await journal.flush(within: .seconds(10))
        }
        let kinds = try RecordingFixture.lines(of: outlet.bytes).map { line in
            switch line {
            case .header: "header"
            case .gap(let gap): "gap: \(gap.reason)"
            default: "line"
            }
        }
        #expect(kinds == ["header", "line", "gap: no space", "line", "line"])
        #expect(said.all.count == 1)
    }

    @Test func `bytes are written again after a gap`() async throws {
        let outlet = FickleOutlet()
        let journal = try journal(outlet)
        let recorder = Recorder(.plain, journal: journal)
        await journal.flush(within: .seconds(10))
        let body = [UInt8](repeating: 120, count: 1000)
        for trouble in ["no space", nil] {
            outlet.trouble = trouble.map { RecordingSinkError($0, isFinal: false) }
            recorder.note { _, scribe in _ = scribe.payload(body) }
            await journal.flush(within: .seconds(10))
        }
        let blobs = try RecordingFixture.lines(of: outlet.bytes).compactMap {
            if case .blob(let blob) = $0 { blob.number } else { nil }
        }
        #expect(blobs == [2])
    }

    @Test func `more than the queue takes is dropped and told, and nobody waits`() async throws {
        let outlet = FickleOutlet()
        let journal = try journal(outlet)
        let recorder = Recorder(.plain, journal: journal)
        await journal.flush(within: .seconds(10))
        let (isHeld, continuation) = AsyncStream.makeStream(of: Void.self)
        let release = try Wakeup()
        // The journal's thread is kept busy until all is handed over.
        recorder.note { _, _ in
            continuation.finish()
            release.wait()
        }
        for await _ in isHeld {}
        for _ in 0..<20 { note(recorder, String(repeating: "x", count: 1 << 20)) }
        release.ring()
        await journal.flush(within: .seconds(10))
        let lines = try RecordingFixture.lines(of: outlet.bytes)
        let gaps = lines.compactMap { if case .gap(let gap) = $0 { gap.reason } else { nil } }
        #expect(gaps.count == 1 && lines.count < 12)
        #expect(gaps.first?.hasPrefix("more happened than could be written; ") == true)
    }

    @Test func `nobody is asked to record once no outlet is open`() async throws {
        let outlet = FickleOutlet()
        let journal = try journal(outlet)
        let recorder = Recorder(.plain, journal: journal)
        await journal.flush(within: .seconds(10))
        #expect(recorder.start(.dns, "a", for: .run) != nil)
        outlet.trouble = RecordingSinkError("the folder is gone", isFinal: true)
        note(recorder)
        await journal.flush(within: .seconds(10))
        await journal.flush(within: .seconds(10))
        #expect(recorder.start(.dns, "a", for: .run) == nil)
    }

    @Test func `a new session is asked for when an outlet is full, or was attached, and once`() async throws {
        let outlet = FickleOutlet()
        let journal = try journal(outlet)
        let wants = AsyncCollector<Int>()
        journal.onWantingSession { wants.add(1) }
        let first = Recorder(.plain, journal: journal)
        note(first)
        await journal.flush(within: .seconds(10))
        #expect(wants.all.isEmpty)
        outlet.isFull = true
        for _ in 0..<3 {
            note(first)
            await journal.flush(within: .seconds(10))
        }
        await wants.wait(for: 1)
        outlet.isFull = false
        let second = Recorder(.plain, journal: journal)
        note(second)
        await journal.flush(within: .seconds(10))
        let late = FickleOutlet()
        journal.attach(late)
        await wants.wait(for: 2)
        #expect(late.bytes.isEmpty)
        note(Recorder(.plain, journal: journal))
        await journal.flush(within: .seconds(10))
        #expect(try RecordingFixture.lines(of: late.bytes).count == 2)
        #expect(wants.all.count == 2)
    }

    @Test func `an outlet that is over gets nothing more`() async throws {
        let outlet = FickleOutlet()
        let journal = try journal(outlet)
        let recorder = Recorder(.plain, journal: journal)
        await journal.flush(within: .seconds(10))
        outlet.isOver = true
        let before = outlet.bytes
        note(recorder)
        await journal.flush(within: .seconds(10))
        #expect(outlet.bytes == before)
    }
}

/// Takes lines when it likes to.
private final class FickleOutlet: RecordingSink {
    private struct State {
        var bytes: [UInt8] = []
        var trouble: RecordingSinkError?
        var isFull = false
        var isOver = false
    }

    private let state = Mutex(State())

    var bytes: [UInt8] { state.withLock(\.bytes) }

    var trouble: RecordingSinkError? {
        get { state.withLock(\.trouble) }
        set { state.withLock { $0.trouble = newValue } }
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
            if let trouble = state.trouble { throw trouble }
            state.bytes += lines
        }
    }

    func pause(_ last: [UInt8]) {}
}
