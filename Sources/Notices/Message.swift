public import Model

/// All that is to be said after one run. Its texts are single lines of printable characters, whatever they were made of.
public struct Message: Sendable, Hashable {
    public struct Line: Sendable, Hashable {
        public enum Kind: Sendable, Hashable { case problem, recovery, news }

        public let kind: Kind
        public let text: String

        public init(_ kind: Kind, _ text: String) {
            self.kind = kind
            self.text = oneLine(text)
        }
    }

    public let title: String
    /// Problems first. Bounded: what did not fit is counted in the last one.
    public let lines: [Line]
    public let level: NoticeLevel
    /// Sorted; of all lines, also of those that did not fit.
    public let hosts: [DomainName]

    public init(title: String, lines: [Line], level: NoticeLevel, hosts: [DomainName] = []) {
        self.title = oneLine(title)
        self.lines = Self.bounded(lines)
        self.level = level
        self.hosts = Set(hosts).sorted()
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
