import FoundationEssentials
import Model

/// What is to be said, and what is to be remembered once it was said. Pure.
struct NoticeDifference {
    /// Nil when there is nothing to say.
    let message: Message?
    /// For the store: a nil value is forgotten.
    let changes: [String: String?]

    /// What was last said of one key.
    struct Told: Codable, Equatable {
        let value: String
        let isProblem: Bool
        let recovery: String?

        init(_ standing: Standing) {
            value = standing.value
            isProblem = standing.isProblem
            recovery = standing.recovery
        }

        init?(_ text: String?) {
            guard let text, let told = try? JSONDecoder().decode(Told.self, from: Data(text.utf8)) else { return nil }
            self = told
        }

        var text: String? {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Tells that there was a summary once; no standing has this key.
    static let mark = "mark"

    /// `isComplete` is false when the run could not see everything: what is missing is then neither over nor forgotten,
    /// and no summary is made of it.
    init(from told: [String: String], to standing: [Standing], isComplete: Bool) {
        let now = Dictionary(standing.map { ($0.key, $0) }) { $1 }.values.sorted { $0.key < $1.key }
        if told[Self.mark] != nil {
            self.init(since: told, now, isComplete)
        } else if isComplete {
            self.init(first: now, told)
        } else {
            self.init(since: told, now.filter(\.isProblem), false)
        }
    }

    /// Without a summary yet, what holds is the silent baseline; problems are worth a line even so.
    private init(first standing: [Standing], _ told: [String: String]) {
        let hosts = Set(standing.flatMap(\.hosts))
        let problems = standing.filter(\.isProblem)
        let (recoveries, forgotten) = Self.gone(standing, told)
        var title = "Landfall watches \(Self.count(hosts.count, "host"))"
        if !problems.isEmpty { title += "; \(Self.count(problems.count, "problem"))" }
        message = Message(
            title: title,
            lines: problems.map { .init(.problem, $0.line) } + recoveries,
            level: problems.map(\.level).max() ?? .info,
            hosts: Array(hosts)
        )
        var changes = forgotten
        changes[Self.mark] = ""
        for standing in standing { changes[standing.key] = Told(standing).text }
        self.changes = changes
    }

    private init(since told: [String: String], _ standing: [Standing], _ isComplete: Bool) {
        let (recoveries, forgotten) = isComplete ? Self.gone(standing, told) : ([], [:])
        var lines = recoveries
        var changes = forgotten
        let different = standing.filter { Told(told[$0.key]) != Told($0) }
        for standing in different {
            changes[standing.key] = Told(standing).text
            if let line = Self.line(from: Told(told[standing.key]), to: standing) { lines.append(line) }
        }
        self.changes = changes
        message = Self.message(lines, different)
    }

    /// What does not hold any more: a problem's end is said, anything else is forgotten silently.
    private static func gone(
        _ standing: [Standing],
        _ told: [String: String]
    ) -> (lines: [Message.Line], changes: [String: String?]) {
        let present = Set(standing.map(\.key)).union([mark])
        let keys = told.keys.filter { !present.contains($0) }.sorted()
        let lines = keys.compactMap { key -> Message.Line? in
            guard let old = Told(told[key]), old.isProblem else { return nil }
            return .init(.recovery, old.recovery ?? "\(key): no longer a problem")
        }
        return (lines, Dictionary(uniqueKeysWithValues: keys.map { ($0, nil) }))
    }

    private static func line(from old: Told?, to new: Standing) -> Message.Line? {
        if new.isProblem { return old?.value == new.value ? nil : .init(.problem, new.line) }
        if let old, old.isProblem { return .init(.recovery, old.recovery ?? new.line) }
        return old?.value == new.value ? nil : .init(.news, new.line)
    }

    private static func message(_ lines: [Message.Line], _ standing: [Standing]) -> Message? {
        guard !lines.isEmpty else { return nil }
        let kinds: [Message.Line.Kind] = [.problem, .recovery, .news]
        let sorted = kinds.map { kind in lines.filter { $0.kind == kind } }
        let words = zip(sorted, ["problem", "recovery", "change"]).filter { !$0.0.isEmpty }
        return Message(
            title: "Landfall: " + words.map { count($0.0.count, $0.1) }.joined(separator: ", "),
            lines: sorted.flatMap(\.self),
            level: standing.map(\.level).max() ?? .info,
            hosts: standing.flatMap(\.hosts)
        )
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        guard number != 1 else { return "1 \(noun)" }
        return noun.hasSuffix("y") ? "\(number) \(noun.dropLast())ies" : "\(number) \(noun)s"
    }
}
