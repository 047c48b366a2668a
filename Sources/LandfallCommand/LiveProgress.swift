import Glibc
import Model
import Synchronization
import System
import Timing

/// What a run is doing, while it does it: on a terminal a live line per host, elsewhere a plain line per finished step.
final class LiveProgress: Sendable {
    private struct Line {
        let subject: String
        let since: Duration
        var text: String
        var end: Duration?
    }

    private struct Screen {
        var lines: [Line] = []
        /// The line of each subject.
        var places: [String: Int] = [:]
        var drawn = 0
    }

    private let screen = Mutex(Screen())
    private let clock = SystemClock()
    private let isTerminal: Bool
    private let isSilent: Bool
    private let ticker = Mutex<Task<Void, Never>?>(nil)

    init(isTerminal: Bool, isSilent: Bool = false) {
        (self.isTerminal, self.isSilent) = (isTerminal, isSilent)
        guard isTerminal && !isSilent else { return }
        ticker.withLock { ticker in
            ticker = Task { [weak self, clock] in
                while (try? await clock.sleep(for: .milliseconds(100))) != nil { self?.draw() }
            }
        }
    }

    func finish() async {
        let ticker = ticker.withLock { $0 }
        ticker?.cancel()
        await ticker?.value
        if isTerminal { draw() }
    }

    func show(_ progress: Progress) {
        guard !isSilent else { return }
        let now = clock.uptime
        let line = screen.withLock { screen in
            let index = screen.places[progress.subject] ?? screen.lines.endIndex
            if index == screen.lines.endIndex {
                screen.places[progress.subject] = index
                screen.lines.append(Line(subject: progress.subject, since: now, text: ""))
            }
            screen.lines[index].text = Self.text(progress)
            screen.lines[index].end = progress.isEnd ? now : nil
            return screen.lines[index]
        }
        if isTerminal {
            draw()
        } else if progress.isEnd {
            Terminal.error(Self.rendered(line, now))
        }
    }

    private func draw() {
        let now = clock.uptime
        screen.withLock { screen in
            var text = screen.drawn > 0 ? "\u{1B}[\(screen.drawn)A" : ""
            // A line that wrapped would be two to go up over.
            let width = Terminal.errorWidth - 1
            for line in screen.lines { text += "\r\u{1B}[K\(Self.rendered(line, now).prefix(width))\n" }
            screen.drawn = screen.lines.count
            if !text.isEmpty { _ = writeAll(text.utf8, to: STDERR_FILENO) }
        }
    }

    private static func rendered(_ line: Line, _ now: Duration) -> String {
        let seconds = ((line.end ?? now) - line.since).readable
        let subject = Terminal.padded(sanitized(line.subject, limit: 255), 32)
        return "  \(subject) \(Terminal.padded(seconds, 8)) \(sanitized(line.text, limit: 100))"
    }

    private static func text(_ progress: Progress) -> String {
        switch progress.state {
        case .started: "\(progress.stage.rawValue) …"
        case .planned(let outcome): "\(progress.stage.rawValue): \(outcome.detail ?? outcome.word) …"
        case .step(let step): "\(progress.stage.rawValue): \(step) …"
        case .ended(let outcome): "\(progress.stage.rawValue) \(outcome.detail ?? outcome.word)"
        }
    }
}

extension Progress {
    fileprivate var isEnd: Bool { if case .ended = state { true } else { false } }
}
