import Log
import Model
import Ports

/// Writes the entries of a journal to its sinks, on the journal's thread.
struct JournalWriter {
    /// How many bytes are collected before they are written.
    private static let chunk = 1 << 20

    private let clock: any Clock
    private let log: Logger
    private var encoder: RecordingEncoder
    private let redactor: Redactor
    private var sinks: [SinkState]
    private(set) var session = 0
    private var start = Duration.zero
    private var isLossLogged = false
    private(set) var isFinished = false

    init(redactor: Redactor, clock: any Clock, log: Logger, sinks: [any RecordingSink]) {
        (self.redactor, self.clock, self.log) = (redactor, clock, log)
        encoder = RecordingEncoder(redactor: redactor)
        self.sinks = sinks.map(SinkState.init)
    }

    var isRecording: Bool { sinks.contains(where: \.isOpen) }

    var needsSession: Bool {
        let uptime = clock.uptime
        return sinks.contains { $0.needsSession(at: uptime) }
    }

    mutating func work(on entries: [Entry]) {
        sinks.removeAll(where: \.sink.isOver)
        for entry in entries { perform(entry) }
        flush()
    }

    private mutating func perform(_ entry: Entry) {
        switch entry {
        case .attach(let sink): sinks.append(SinkState(sink))
        case .begin(let header, let session, let start): begin(header, session, start)
        case .lines(let session, let make):
            guard session == self.session, isRecording else { return }
            make(&encoder)
            if encoder.size >= Self.chunk { flush() }
        case .lost(let count):
            logLoss("more happened than could be written")
            let reason = "more happened than could be written; \(count) lines are missing"
            encoder.write(.gap, Gap(at: (clock.uptime - start).nanoseconds, reason: reason))
        case .flush(let completion):
            flush()
            completion()
        case .finish: isFinished = true
        }
    }

    private mutating func begin(_ header: Header, _ session: Int, _ start: Duration) {
        flush()
        (self.session, self.start, isLossLogged) = (session, start, false)
        encoder = RecordingEncoder(redactor: redactor)
        encoder.write(.header, header)
        let line = encoder.removeLines()
        for index in sinks.indices {
            if let reason = sinks[index].begin(line, at: clock.uptime) { logLoss(reason) }
        }
    }

    private mutating func flush() {
        let lines = encoder.removeLines()
        guard !lines.isEmpty else { return }
        let time = (clock.uptime - start).nanoseconds
        for index in sinks.indices {
            let reason = sinks[index].write(lines) { [encoder] reason in
                encoder.encoded(.gap, Gap(at: time, reason: reason))
            }
            if let reason {
                logLoss(reason)
                encoder.forget()
            }
        }
    }

    /// Logs once per session, because a full disk stays full for a while.
    private mutating func logLoss(_ reason: String) {
        guard !isLossLogged else { return }
        isLossLogged = true
        log.warning("the recording has a gap", [.error: .string(reason)])
    }
}

/// One sink of a journal, and whether it accepts lines.
struct SinkState {
    /// The shortest time between two sessions that begin only because the last one could not be written.
    private static let pause = Duration.seconds(3600)

    let sink: any RecordingSink
    /// From the beginning of a session until lines are lost for good.
    private(set) var isOpen = false
    /// Why lines were lost here; a gap comes before the next ones.
    private var loss: String?
    private var lastBegin: Duration?

    init(_ sink: any RecordingSink) { self.sink = sink }

    func needsSession(at uptime: Duration) -> Bool {
        if isOpen { return sink.isFull }
        return lastBegin.map { uptime - $0 >= Self.pause } ?? true
    }

    /// Returns the reason if the session cannot be written.
    mutating func begin(_ header: [UInt8], at uptime: Duration) -> String? {
        (isOpen, loss, lastBegin) = (false, nil, uptime)
        do throws(RecordingSinkError) {
            try sink.begin(header)
            isOpen = true
            return nil
        } catch {
            return error.description
        }
    }

    /// Returns the reason if the lines are lost. `gap` makes the line that reports a gap.
    mutating func write(_ lines: [UInt8], gap: (String) -> [UInt8]) -> String? {
        guard isOpen else { return nil }
        do throws(RecordingSinkError) {
            try sink.write((loss.map(gap) ?? []) + lines)
            loss = nil
            return nil
        } catch {
            if error.isFinal {
                sink.pause(gap(error.description))
                isOpen = false
            } else {
                loss = loss ?? error.description
            }
            return error.description
        }
    }
}
