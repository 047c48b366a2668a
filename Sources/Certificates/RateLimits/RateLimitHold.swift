import Model

/// Something an order may count for, and until when it must not.
struct RateLimitHold: Hashable, Sendable, Codable {
    let subject: RateLimitSubject
    let until: Timestamp
    /// One line.
    let reason: String

    init(_ subject: RateLimitSubject, until: Timestamp, reason: String) {
        (self.subject, self.until, self.reason) = (subject, until, sanitized(reason))
    }

    /// For a person: `waits until 2026-11-24 21:40 UTC: 50 certificates …`. The minute is one in which it is over.
    var sentence: String { "waits until \((until + .seconds(59)).minute): \(reason)" }
}

extension RateLimitHold {
    /// Far more than any authority's window: a text from outside must not hold an order for ever.
    static let longest = Duration.days(14)

    /// What Let's Encrypt answers when a limit of its own is reached, "too many … retry after 2026-11-25 12:00:00 UTC: …";
    /// nil for any other text. A limit that is not known counts for the set of names.
    init?(answer: String, to names: [DomainName], now: Timestamp) {
        guard let marker = answer.firstRange(of: "retry after "),
            let until = Timestamp(secondsIn: answer[marker.upperBound...]), until > now, until <= now + Self.longest
        else { return nil }
        let quoted = answer.split(separator: "\"", omittingEmptySubsequences: false)
        let name = quoted.count > 2 ? try? DomainName(String(quoted[1])) : nil
        let subject: RateLimitSubject =
            switch name {
            case nil where answer.contains("orders") || answer.contains("registrations"): .account
            case let name? where answer.contains("failed authorizations"): .name(name.withoutWildcard)
            case let name? where answer.contains("already issued"): .domain(name)
            default: .set(names.sorted())
            }
        self.init(subject, until: until, reason: "the authority says: \(answer)")
    }
}

extension Timestamp {
    /// Of a text that begins with `2026-11-25 12:00:00 UTC` or `2026-11-25T12:00:00Z`.
    fileprivate init?(secondsIn text: Substring) {
        let date = text.prefix(19)
        guard date.utf8.count == 19 else { return nil }
        self.init("\(date.prefix(10))T\(date.suffix(8)).000Z")
    }

    /// `2026-11-24 03:37 UTC`.
    var minute: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
