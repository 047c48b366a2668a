/// Something lasting that is neither a failure nor a refusal, and that a person may want to act on: a sentence that says
/// what it is and what would mend it. The same hint is in the plan, in `explain`, on the page, in the log and in one notice.
package struct Hint: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String
    /// The names that it is about; nil where it is about all of them.
    package let hosts: Set<DomainName>?

    package init(_ text: String, about hosts: Set<DomainName>?) {
        (self.text, self.hosts) = (sanitized(text, limit: Outcome.textLimit), hosts)
    }

    package var description: String { text }

    package func isAbout(_ name: DomainName) -> Bool { hosts?.contains(name) ?? true }

    package static func < (left: Hint, right: Hint) -> Bool { left.text < right.text }
}

/// In JSON a hint is its text, which names what it is about.
extension Hint: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self), about: [])
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
