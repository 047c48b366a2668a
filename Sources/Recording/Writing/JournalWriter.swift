import Log
import Model
import Ports

/// What the journal's thread does.
struct JournalWriter {
    /// So much is gathered before it is written.
    private static let chunk = 1 << 20

    private let clock: any Clock
    private let log: Logger
    private var scribe: RecordingEncoder
    private let redactor: Redactor
    private var channels: [SinkState]
    private(set) var session = 0
    private var start = Duration.zero
    private var isTroubleKnown = false
    private(set) var isFinished = false

    init(redactor: Redactor, clock: any Clock, log: Logger, outlets: [any RecordingSink]) {
        (self.redactor, self.clock, self.log) = (redactor, clock, log)
        scribe = RecordingEncoder(redactor: redactor)
        channels = outlets.map(SinkState.init)
    }

    var isListening: Bool { channels.contains(where: \.isOpen) }

    var wantsSession: Bool {
        let uptime = clock.uptime
        return channels.contains { $0.wantsSession(at: uptime) }
    }

    mutating func work(on entries: [Entry]) {
        channels.removeAll(where: \.outlet.isOver)
        for entry in entries { take(entry) }
        flush()
    }

    private mutating func take(_ entry: Entry) {
        switch entry {
        case .attach(let outlet): channels.append(SinkState(outlet))
        case .begin(let header, let session, let start): begin(header, session, start)
        case .lines(let session, let make):
            guard session == self.session, isListening else { return }
            make(&scribe)
            if scribe.size >= Self.chunk { flush() }
        case .lost(let count):
            note("more happened than could be written")
            let reason = "more happened than could be written; \(count) lines are missing"
            scribe.write(.gap(Gap(at: (clock.uptime - start).nanoseconds, reason: reason)))
        case .flush(let tell):
            flush()
            tell()
        case .finish: isFinished = true
        }
    }

    private mutating func begin(_ header: Header, _ session: Int, _ start: Duration) {
        flush()
        (self.session, self.start, isTroubleKnown) = (session, start, false)
        scribe = RecordingEncoder(redactor: redactor)
        scribe.write(.header(header))
        let line = scribe.takeLines()
        for index in channels.indices {
            if let trouble = channels[index].begin(line, at: clock.uptime) { note(trouble) }
        }
    }

    private mutating func flush() {
        let lines = scribe.takeLines()
        guard !lines.isEmpty else { return }
        let time = (clock.uptime - start).nanoseconds
        for index in channels.indices {
            let trouble = channels[index].write(lines) { [scribe] reason in
                scribe.encoded(.gap(Gap(at: time, reason: reason)))
            }
            if let trouble {
                note(trouble)
                scribe.forget()
            }
        }
    }

    /// Said once per session: a full disk stays full for a while.
    private mutating func note(_ trouble: String) {
        guard !isTroubleKnown else { return }
        isTroubleKnown = true
        log.warning("the recording has a gap", [.error: .string(trouble)])
    }
}
