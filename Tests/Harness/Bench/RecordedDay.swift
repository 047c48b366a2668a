import FoundationEssentials
import Glibc
import Model
import Recording

/// A recording of a day on which nothing happens: the last run of a recorded session, and the last look at whether the
/// engine lives, over and over.
struct RecordedDay {
    private static let length = Duration.seconds(86_400)
    private static let interval = Duration.seconds(300)
    /// The timer's run waits for quiet, as every other.
    private static let quiet = Duration.seconds(2)
    private static let watch = Duration.seconds(15)

    let path: String
    private(set) var runs = 0
    private(set) var lines = 0

    /// - Parameter scenario: of `Fixtures/recordings`; its last runs are the timer's.
    init(_ path: String, from scenario: String) throws {
        self.path = path
        guard let stream = unsafe fopen(path, "we") else { throw BenchError("\(path) cannot be written") }
        defer { unsafe fclose(stream) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func write(_ line: Line) throws {
            unsafe fputs(String(decoding: try encoder.encode(line), as: UTF8.self) + "\n", stream)
            lines += 1
        }
        let session = try RecordedLines(scenario)
        for line in session.beginning { try write(line.every(Self.interval)) }
        var end = session.previousEnd
        while true {
            let start = end + (Self.interval + Self.quiet).nanoseconds
            guard start < Self.length.nanoseconds else { break }
            for line in session.run { try write(line.moved(by: start - session.runStart, times: runs)) }
            end += start - end + session.runLength
            runs += 1
        }
        for number in 1..<Int(Self.length.nanoseconds / Self.watch.nanoseconds) {
            let step = Self.watch.nanoseconds * Int64(number)
            for line in session.watch { try write(line.moved(by: step, times: number)) }
        }
        try write(.arrival(Arrival(at: Self.length.nanoseconds, content: .end)))
    }
}

/// The lines of a recorded session, by what they belong to.
private struct RecordedLines {
    /// Until the last run but one was over.
    let beginning: [Line]
    let previousEnd: Int64
    /// All that the last run said and heard.
    let run: [Line]
    let runStart: Int64
    let runLength: Int64
    /// The last look at the engine beside the runs.
    let watch: [Line]

    init(_ scenario: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../.."
        let path = "\(root)/Fixtures/recordings/\(scenario).ndjson"
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        let lines = try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        let starts = lines.compactMap(\.runStart)
        let ends = lines.compactMap(\.runEnd)
        guard let start = starts.last, let end = ends.last, ends.count > 1 else { throw BenchError("\(path) is short") }
        (previousEnd, runStart, runLength) = (ends[ends.count - 2], start, end - start)
        beginning = lines.filter { line in line.at.map { $0 <= ends[ends.count - 2] } ?? true }
        run = lines.filter { line in !line.isWatch && line.at.map { (start...end).contains($0) } ?? false }
        watch = lines.filter(\.isWatch).suffix(2)
    }
}

extension Line {
    fileprivate var at: Int64? {
        switch self {
        case .exchange(let exchange): exchange.at
        case .stream(let part): part.at
        case .arrival(let arrival): arrival.at
        case .decision(let decision): decision.at
        case .clock(let jump): jump.at
        case .gap(let gap): gap.at
        case .header, .blob: nil
        }
    }

    fileprivate var runStart: Int64? {
        guard case .decision(let decision) = self, case .began = decision.content else { return nil }
        return decision.at
    }

    fileprivate var runEnd: Int64? {
        guard case .decision(let decision) = self, case .ended = decision.content else { return nil }
        return decision.at
    }

    fileprivate var isWatch: Bool {
        guard case .exchange(let exchange) = self else { return false }
        return exchange.scope == Scope.events.description
    }

    /// The header says when to look again.
    fileprivate func every(_ interval: Duration) -> Line {
        guard case .header(let header) = self else { return self }
        let settings = ["LANDFALL_INTERVAL": "\(interval.components.seconds)s"]
        return .header(
            Header(
                version: header.version,
                started: header.started,
                beginning: header.beginning,
                program: header.program,
                environment: header.environment.merging(settings) { $1 },
                state: header.state
            )
        )
    }

    /// The same, later: every question once more for every time that it was repeated.
    fileprivate func moved(by step: Int64, times: Int) -> Line {
        switch self {
        case .exchange(let exchange):
            .exchange(
                Exchange(
                    at: exchange.at + step,
                    took: exchange.took,
                    scope: exchange.scope,
                    occurrence: exchange.occurrence + times,
                    call: exchange.call
                )
            )
        case .decision(let decision): .decision(Decision(at: decision.at + step, content: decision.content))
        default: self
        }
    }
}
