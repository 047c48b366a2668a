import FoundationEssentials
import Glibc
import Model

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
        func write(_ line: JSONValue) throws {
            unsafe fputs(String(decoding: try encoder.encode(line), as: UTF8.self) + "\n", stream)
            lines += 1
        }
        let session = try RecordedLines(scenario)
        for line in session.beginning { try write(line.every(Self.interval)) }
        var end = session.firstEnd
        while true {
            let start = end + (Self.interval + Self.quiet).nanoseconds
            guard start < Self.length.nanoseconds else { break }
            for line in session.run {
                let later = (runs - session.skippedRuns) * session.repetitions(of: line)
                try write(line.moved(by: start - session.runStart, questions: later))
            }
            end += start - end + session.runLength
            runs += 1
        }
        for number in 1..<Int(Self.length.nanoseconds / Self.watch.nanoseconds) {
            let step = Self.watch.nanoseconds * Int64(number)
            for line in session.watch { try write(line.moved(by: step, questions: number)) }
        }
        try write(["arrival": ["at": .integer(Self.length.nanoseconds), "content": ["end": [:]]]])
    }
}

/// The lines of a recorded session, by what they belong to.
private struct RecordedLines {
    /// Until the first run was over.
    let beginning: [JSONValue]
    let firstEnd: Int64
    /// Those between the first and the last one; each asks what the last one does.
    let skippedRuns: Int
    /// All that the last run said and heard.
    let run: [JSONValue]
    let runStart: Int64
    let runLength: Int64
    /// The last look at the engine beside the runs.
    let watch: [JSONValue]
    /// How often the last run asked each question.
    private let questions: [JSONValue: Int]

    init(_ scenario: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../.."
        let path = "\(root)/Fixtures/recordings/\(scenario).ndjson"
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        let lines = try text.split(separator: "\n").map {
            try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
        }
        let starts = lines.compactMap(\.runStart)
        let ends = lines.compactMap(\.runEnd)
        guard let start = starts.last, let end = ends.last, ends.count > 1 else { throw BenchError("\(path) is short") }
        (firstEnd, runStart, runLength, skippedRuns) = (ends[0], start, end - start, ends.count - 2)
        beginning = lines.filter { line in line.at.map { $0 <= ends[0] } ?? true }
        run = lines.filter { line in !line.isWatch && line.at.map { (start...end).contains($0) } ?? false }
        watch = lines.filter(\.isWatch).suffix(2)
        questions = run.compactMap(\.question).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    func repetitions(of line: JSONValue) -> Int { line.question.flatMap { questions[$0] } ?? 0 }
}

/// A line of a recording: an object with one member, which says what the line is.
extension JSONValue {
    private static let timed = ["exchange", "stream", "arrival", "decision", "clock", "gap"]

    fileprivate var at: Int64? { Self.timed.compactMap { self[$0]?["at"]?.integer }.first }

    fileprivate var runStart: Int64? { self["decision"]?["content"]?["began"] == nil ? nil : at }

    fileprivate var runEnd: Int64? { self["decision"]?["content"]?["ended"] == nil ? nil : at }

    fileprivate var isWatch: Bool { self["exchange"]?["scope"]?.text == Scope.events.description }

    /// The header says when to look again.
    fileprivate func every(_ interval: Duration) -> JSONValue {
        guard self["recording"] != nil else { return self }
        var line = self
        line["recording"]?["environment"]?["LANDFALL_INTERVAL"] = .string("\(interval.components.seconds)s")
        return line
    }

    /// What was asked, and in which scope; nil for a line that is no exchange.
    fileprivate var question: JSONValue? {
        guard let exchange = self["exchange"] else { return nil }
        return .array(["scope", "port", "request"].map { exchange[$0] ?? .null })
    }

    /// The same, later, when its question was asked `questions` times more.
    fileprivate func moved(by step: Int64, questions: Int) -> JSONValue {
        var line = self
        for key in ["exchange", "decision"] {
            guard let at = line[key]?["at"]?.integer else { continue }
            line[key]?["at"] = .integer(at + step)
            if let occurrence = line[key]?["n"]?.integer { line[key]?["n"] = .integer(occurrence + Int64(questions)) }
        }
        return line
    }
}
