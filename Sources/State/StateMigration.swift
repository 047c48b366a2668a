import Model

/// Converts the state that an older Landfall wrote, for the SQLite store and a recording's header alike; the stores know the
/// present form only. After a release, another form is another version, with a function that follows the earlier ones.
package enum StateMigration {
    /// Namespace → key → text.
    package typealias Snapshot = [String: [String: String]]

    /// SQLite's `user_version`, and `stateVersion` in recordings.
    package static let version = 1

    /// Returns `snapshot`, which has the form of `version`, in the present form.
    package static func migrate(_ snapshot: Snapshot, from version: Int) -> Snapshot {
        version < 1 ? versionOne(snapshot) : snapshot
    }

    /// An entry in the new form.
    typealias Entry = (namespace: String, key: String, text: String)

    /// From the form of Landfall 0.1.0.
    private static func versionOne(_ old: Snapshot) -> Snapshot {
        var new: Snapshot = [:]
        for (namespace, texts) in old {
            for case let entry? in texts.map({ versionOne(namespace, $0.key, $0.value) }) {
                new[entry.namespace, default: [:]][entry.key] = entry.text
            }
        }
        return new
    }

    /// One entry of 0.1.0 in the new form; nil where it is dropped. What is not named here has kept its form.
    private static func versionOne(_ namespace: String, _ key: String, _ text: String) -> Entry? {
        switch (namespace, key) {
        case ("events", "memory"): ("events", "history", text)
        // Whether a notifier got its first summary.
        case (_, "mark") where namespace.hasPrefix("notices/"):
            (namespace, "summary", #"{"isProblem":false,"value":""}"#)
        // The reason was kept as plain text.
        case ("serving", _): (namespace, key, json(text))
        // Slack's threads, which are gone.
        case _ where namespace.hasPrefix("threads/"): nil
        // Names with blanks between them.
        case ("zones", _): ("zones", key, json(text.split(separator: " ").map(String.init)))
        case ("status", _) where key.hasPrefix("run/"): ("status/runs", String(key.dropFirst(4)), text)
        case ("status", _) where key.hasPrefix("host/"):
            ("status/hosts", String(key.dropFirst(5)), renamed(["trouble": "lastError"], in: text))
        case ("engine", "part"): ("engine", "mode", renamed(["believed": "value", "mode": "value"], in: text))
        case ("address", _): (namespace, key, address(text))
        case ("records", _): ("owned-records", key, ownedRecord(text))
        case ("certificates", _): ("certificate-failures", key, text)
        // The origin was plain text, and the mark of the first run an entry beside the lineages.
        case ("lineages", "(begun)"): ("certificate-store", "hasStarted", json(true))
        case ("lineages", _): ("lineages", key, json(text))
        case ("ledger", _): rateLimit(key, text)
        case ("renewals", _): renewalInformation(key, text)
        default: (namespace, key, text)
        }
    }

    /// The JSON in `text` with members renamed at every depth: old name → new name. What is no JSON stays as it is.
    private static func renamed(_ names: [String: String], in text: String) -> String {
        guard let value: JSONValue = StateCoding.value(text) else { return text }
        return json(renamed(names, in: value))
    }

    private static func renamed(_ names: [String: String], in value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return value }
        return .object(Dictionary(members.map { (names[$0.key] ?? $0.key, renamed(names, in: $0.value)) }) { $1 })
    }

    private static func json(_ value: some Encodable) -> String { (try? StateCoding.text(value)) ?? "" }

    private static func address(_ text: String) -> String {
        guard let old: JSONValue = StateCoding.value(text) else { return text }
        var current: JSONValue = [:]
        current["value"] = old["address"]
        current["candidate"] = old["candidate"].map { renamed(["address": "value"], in: $0) }
        var new: JSONValue = ["current": current, "sources": old["witnesses"] ?? []]
        new["previous"] = old["was"]
        new["confirmed"] = old["confirmed"]
        return json(new)
    }

    /// `MILLISECONDS READS` on the first line, then a line for each service.
    private static func ownedRecord(_ text: String) -> String {
        let lines = text.split(separator: "\n")
        let numbers = lines.first?.split(separator: " ").compactMap { Int64($0) } ?? []
        guard numbers.count == 2 else { return text }
        let requesters = lines.dropFirst().map { JSONValue.string(String($0)) }
        return json(
            ["milliseconds": .integer(numbers[0]), "reads": .integer(numbers[1]), "requesters": .array(requesters)]
                as JSONValue
        )
    }

    /// `SERVER begun`, `SERVER order TIME LINEAGE` and `SERVER hold KIND SUBJECT` were entries of one namespace.
    private static func rateLimit(_ key: String, _ text: String) -> Entry? {
        let words = key.split(separator: " ", maxSplits: 2).map(String.init)
        switch (words.dropFirst().first, words.count) {
        case ("begun", 2): return ("rate-limits", words[0], json(text))
        case ("order", 3): return ("rate-limit-orders", "\(words[0]) \(words[2])", text)
        case ("hold", 3): return ("rate-limit-holds", "\(words[0]) \(words[2])", text)
        default: return nil
        }
    }

    /// `START END NEXT` or `- NEXT` of a certificate, `QUIET VALID URL` of an authority, in seconds since 1970.
    private static func renewalInformation(_ key: String, _ text: String) -> Entry? {
        let words = text.split(separator: " ")
        let times = words.prefix(3).map { word in
            Int64(word).map { JSONValue.string("\(Timestamp(seconds: $0))") }
        }
        guard times.count >= 2 else { return nil }
        var value: JSONValue = [:]
        if key.contains("://") {
            guard let quiet = times[0], let valid = times[1] else { return nil }
            value = ["quietUntil": quiet, "validUntil": valid]
            if words.count > 2 { value["url"] = .string(String(words[2])) }
            return ("acme-directories", key, json(value))
        }
        guard let next = times[times.count - 1] else { return nil }
        value["next"] = next
        if times.count == 3 {
            guard let start = times[0], let end = times[1] else { return nil }
            value["window"] = ["start": start, "end": end]
        }
        return ("renewal-windows", key, json(value))
    }
}
