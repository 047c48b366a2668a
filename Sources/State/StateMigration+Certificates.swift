import Model

/// From 0.1.0: namespaces of the certificates.
extension StateMigration {
    /// Failures were in the namespace `certificates`.
    static func failure(_ lineage: String, _ text: String) -> Entry { Entry("certificate-failures", lineage, text) }

    /// The origin was plain text, and the mark of the first run an entry beside the lineages.
    static func lineage(_ key: String, _ text: String) -> Entry {
        key == "(begun)" ? Entry("certificate-store", "hasStarted", json(true)) : Entry("lineages", key, json(text))
    }

    /// `SERVER begun`, `SERVER order TIME LINEAGE` and `SERVER hold KIND SUBJECT` were entries of one namespace.
    static func rateLimit(_ key: String, _ text: String) -> Entry? {
        let words = key.split(separator: " ", maxSplits: 2).map(String.init)
        switch (words.dropFirst().first, words.count) {
        case ("begun", 2): return Entry("rate-limits", words[0], json(text))
        case ("order", 3): return Entry("rate-limit-orders", "\(words[0]) \(words[2])", text)
        case ("hold", 3): return Entry("rate-limit-holds", "\(words[0]) \(words[2])", text)
        default: return nil
        }
    }

    /// `START END NEXT` or `- NEXT` of a certificate, `QUIET VALID URL` of an authority, in seconds since 1970.
    static func renewalInformation(_ key: String, _ text: String) -> Entry? {
        let words = text.split(separator: " ")
        let times = words.prefix(3).map { Int64($0).map { Timestamp(seconds: $0) } }
        if key.contains("://") {
            guard times.count >= 2, let quiet = times[0], let valid = times[1] else { return nil }
            let url = words.count > 2 ? String(words[2]) : nil
            let authority = Authority(url: url, quietUntil: quiet, validUntil: valid)
            return Entry("acme-directories", key, json(authority))
        }
        guard times.count >= 2, let next = times.last ?? nil else { return nil }
        var suggestion = Suggestion(next: next)
        if times.count == 3 {
            guard let start = times[0], let end = times[1] else { return nil }
            suggestion.window = Suggestion.Window(start: start, end: end)
        }
        return Entry("renewal-windows", key, json(suggestion))
    }

    private struct Suggestion: Encodable {
        struct Window: Encodable {
            let start: Timestamp
            let end: Timestamp
        }

        var window: Window?
        let next: Timestamp
    }

    private struct Authority: Encodable {
        let url: String?
        let quietUntil: Timestamp
        let validUntil: Timestamp
    }
}
