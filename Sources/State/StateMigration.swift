import Model

/// Converts the state that an older Landfall wrote, from texts to texts: for the SQLite store and a recording's header
/// alike.
///
/// A value whose form changed is converted here and nowhere else: the stores know the present form only. After a release,
/// another form is another version, with a function that follows the earlier ones.
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
    struct Entry {
        let namespace: String
        let key: String
        let text: String

        init(_ namespace: String, _ key: String, _ text: String) {
            (self.namespace, self.key, self.text) = (namespace, key, text)
        }
    }

    /// From the form of Landfall 0.1.0.
    private static func versionOne(_ old: Snapshot) -> Snapshot {
        var new: Snapshot = [:]
        for (namespace, texts) in old {
            for (key, text) in texts {
                guard let entry = versionOne(namespace, key, text) else { continue }
                new[entry.namespace, default: [:]][entry.key] = entry.text
            }
        }
        return new
    }

    /// One entry of 0.1.0 in the new form; nil where it is dropped. What is not named here has kept its form.
    private static func versionOne(_ namespace: String, _ key: String, _ text: String) -> Entry? {
        switch (namespace, key) {
        case ("events", "memory"): Entry("events", "history", text)
        // Whether a notifier got its first summary.
        case (_, "mark") where namespace.hasPrefix("notices/"):
            Entry(namespace, "summary", #"{"isProblem":false,"value":""}"#)
        // The reason was kept as plain text.
        case ("serving", _): Entry(namespace, key, json(text))
        // Slack's threads, which are gone.
        case _ where namespace.hasPrefix("threads/"): nil
        // Names with blanks between them.
        case ("zones", _): Entry("zones", key, json(text.split(separator: " ").map(String.init)))
        case ("status", _) where key.hasPrefix("run/"): Entry("status/runs", String(key.dropFirst(4)), text)
        case ("status", _) where key.hasPrefix("host/"):
            Entry("status/hosts", String(key.dropFirst(5)), renamed(["trouble": "lastError"], in: text))
        case ("engine", "part"): Entry("engine", "mode", renamed(["believed": "value", "mode": "value"], in: text))
        case ("address", _): Entry(namespace, key, address(text))
        case ("records", _): Entry("owned-records", key, ownedRecord(text))
        case ("certificates", _): failure(key, text)
        case ("lineages", _): lineage(key, text)
        case ("ledger", _): rateLimit(key, text)
        case ("renewals", _): renewalInformation(key, text)
        default: Entry(namespace, key, text)
        }
    }
}

// Building blocks of a migration: each leaves alone what it does not understand, which then counts as missing.
extension StateMigration {
    /// The JSON in `text` with members renamed at every depth: old name → new name.
    static func renamed(_ names: [String: String], in text: String) -> String {
        guard let value: JSONValue = StateCoding.value(text) else { return text }
        return json(renamed(names, in: value))
    }

    static func renamed(_ names: [String: String], in value: JSONValue) -> JSONValue {
        guard case .object(let members) = value else { return value }
        return .object(Dictionary(members.map { (names[$0.key] ?? $0.key, renamed(names, in: $0.value)) }) { $1 })
    }

    static func json(_ value: some Encodable) -> String { (try? StateCoding.text(value)) ?? "" }
}

extension StateMigration {
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
}
