public import Model

/// All that is to be said after one run. Its texts are single lines of printable characters, whatever they were made of.
public struct Message: Sendable, Hashable, Codable {
    public struct Line: Sendable, Hashable, Codable {
        public enum Kind: String, Sendable, Hashable, Codable { case problem, recovery, news }

        public let kind: Kind
        public let text: String

        public init(_ kind: Kind, _ text: String) {
            self.kind = kind
            self.text = sanitized(text)
        }
    }

    public let title: String
    /// Problems first. Bounded: what did not fit is counted in the last one.
    public let lines: [Line]
    public let level: NoticeLevel
    /// Sorted; of all lines, also of those that did not fit; at most a thousand.
    public let hosts: [DomainName]
    /// Problems and recoveries that are about no host, by the keys of their standings.
    public let matters: [String]

    public init(
        title: String,
        lines: [Line],
        level: NoticeLevel,
        hosts: [DomainName] = [],
        matters: [String] = []
    ) {
        self.title = sanitized(title)
        self.lines = Self.bounded(lines)
        self.level = level
        self.hosts = Array(Set(hosts).sorted().prefix(1000))
        self.matters = Array(Set(matters).sorted().prefix(1000))
    }

    /// Chat services cut or refuse what is longer than about 4,000 characters.
    private static let limit = 3500

    private static func bounded(_ lines: [Line]) -> [Line] {
        var left = limit
        let fitting = lines.prefix { line in
            left -= line.text.count + 3
            return left >= 0
        }
        guard fitting.count < lines.count else { return lines }
        return fitting + [Line(.news, "… and \(lines.count - fitting.count) more")]
    }
}

extension Message {
    func has(_ kind: Line.Kind) -> Bool { lines.contains { $0.kind == kind } }

    /// The lines with their marks, as plain text.
    var text: String { lines.map(\.marked).joined(separator: "\n") }

    /// The same, saying `line` before all others.
    func preceded(by line: Line) -> Message {
        Message(title: title, lines: [line] + lines, level: max(level, .warning), hosts: hosts, matters: matters)
    }
}

extension Message.Line {
    /// The line with its mark, as plain text.
    public var marked: String {
        switch kind {
        case .problem: "✗ " + text
        case .recovery: "✓ " + text
        case .news: "• " + text
        }
    }
}
