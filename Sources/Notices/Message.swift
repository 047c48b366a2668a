import Crypto
package import Model

/// The text of one notice. Its lines are single lines of printable characters, whatever they were made of.
package struct Message: Sendable, Hashable, Codable {
    package struct Line: Sendable, Hashable, Codable {
        package enum Kind: String, Sendable, Hashable, Codable { case problem, recovery, news }

        /// What happened, why, and what helps.
        private static let limit = 600

        package let kind: Kind
        package let text: String

        package init(_ kind: Kind, _ text: String) {
            self.kind = kind
            self.text = sanitized(text, limit: Self.limit)
        }

        /// The line with its mark, as plain text.
        package var marked: String {
            switch kind {
            case .problem: "✗ " + text
            case .recovery: "✓ " + text
            case .news: "• " + text
            }
        }
    }

    package let title: String
    /// Problems first. Where not all lines fit, the last one counts the others.
    package let lines: [Line]
    package let level: NoticeLevel
    /// The hosts of all lines, also of those that did not fit: sorted, a thousand at most.
    package let hosts: [DomainName]

    package init(title: String, lines: [Line], level: NoticeLevel, hosts: [DomainName] = []) {
        self.title = sanitized(title)
        self.lines = Self.bounded(lines)
        self.level = level
        self.hosts = Array(Set(hosts).sorted().prefix(1000))
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

    /// The lines with their marks, as plain text.
    var text: String { lines.map(\.marked).joined(separator: "\n") }

    /// The same message with another first line.
    func preceded(by line: Line) -> Message {
        Message(title: title, lines: [line] + lines, level: max(level, .warning), hosts: hosts)
    }
}

/// A message to one notifier, the same however often it is delivered.
package struct Notice: Sendable, Hashable, Codable {
    /// A hash of its text and of its number among the notices of its notifier, so that duplicates can be recognized.
    package let id: String
    /// When it was written.
    package let time: Timestamp
    package let message: Message
}

extension Notice {
    /// - Parameter number: makes it differ from earlier notices with the same text.
    init(_ message: Message, number: Int, of instance: String, at time: Timestamp) {
        let words = [instance, "\(number)", message.title] + message.lines.map(\.marked)
        let digest = Digest.sha256(Array(words.joined(separator: "\n").utf8))
        self.init(id: String(digest.prefix(32)), time: time, message: message)
    }
}
