import Model

/// The difference between the present conditions and those last announced: its message, and what to save with it. Pure.
struct NoticeDifference {
    typealias Announced = [String: AnnouncedCondition]

    /// Nil when there is nothing to announce, or nothing of the wanted level.
    let message: Message?
    /// For the store; nil values are removed.
    let changes: [String: AnnouncedCondition?]
    /// The keys of the problems in the message.
    let problems: [String]

    /// A line, and the condition it is about.
    private struct MessageLine {
        let line: Message.Line
        /// The level of the condition; of a recovery that of the problem that it ends.
        let weight: NoticeLevel
        let key: String
        let hosts: [DomainName]

        var level: NoticeLevel { line.kind == .recovery ? .info : weight }

        static func of(_ condition: Condition) -> MessageLine {
            MessageLine(
                line: .init(condition.isProblem ? .problem : .news, condition.line),
                weight: condition.level,
                key: condition.key,
                hosts: condition.hosts
            )
        }
    }

    /// Present once the first summary was announced; no condition has this key.
    static let summaryKey = "summary"

    /// - Parameters:
    ///   - unobserved: a run that observed nothing makes no summary.
    ///   - level: the lowest level that is announced; what is below is only saved.
    init(
        from announced: Announced,
        to conditions: [Condition],
        unobserved: Unobserved,
        atLeast level: NoticeLevel = .info
    ) {
        let present = Dictionary(conditions.map { ($0.key, $0) }) { $1 }.values.sorted { $0.key < $1.key }
        let isAfterSummary = announced[Self.summaryKey] != nil
        // Until the summary, only problems are announced.
        let conditions = isAfterSummary || !unobserved.isEverything ? present : present.filter(\.isProblem)
        var (lines, changes) = Self.ended(conditions, announced, unobserved)
        let recoveries = lines
        for condition in conditions where announced[condition.key] != AnnouncedCondition(condition) {
            changes[condition.key] = AnnouncedCondition(condition)
            if let line = Self.line(from: announced[condition.key], to: condition) { lines.append(line) }
        }
        let shown: [MessageLine]
        if isAfterSummary || unobserved.isEverything {
            (message, shown) = Self.news(lines.filter { $0.weight >= level })
        } else {
            changes[Self.summaryKey] = AnnouncedCondition(Condition(key: Self.summaryKey, value: "", line: ""))
            let worthTelling = conditions.filter { $0.isProblem || $0.level > .info }
            shown = (worthTelling.map(MessageLine.of) + recoveries).filter { $0.weight >= level }
            message = shown.isEmpty && level > .info ? nil : Self.summary(conditions, shown)
        }
        self.changes = changes
        problems = shown.filter { $0.line.kind == .problem }.map(\.key)
    }

    /// The first message: what holds already is the baseline, and only problems and hints get a line.
    private static func summary(_ conditions: [Condition], _ lines: [MessageLine]) -> Message {
        // A hint, which has no value, may be about hosts that are not served, such as those of a source that waits.
        let hosts = Set(conditions.filter { !$0.value.isEmpty }.flatMap(\.hosts))
        let problems = lines.count { $0.line.kind == .problem }
        let title = "Landfall watches \(count(hosts.count, "host"))"
        return message(problems > 0 ? "\(title); \(count(problems, "problem"))" : title, lines, hosts: Array(hosts))
    }

    private static func news(_ lines: [MessageLine]) -> (Message?, [MessageLine]) {
        let kinds: [Message.Line.Kind] = [.problem, .recovery, .news]
        let sorted = kinds.map { kind in joined(lines.filter { $0.line.kind == kind }) }
        let counts = zip(sorted, ["problem", "recovery", "change"]).filter { !$0.0.isEmpty }
        let title = "Landfall: " + counts.map { count($0.0.count, $0.1) }.joined(separator: ", ")
        let shown = sorted.flatMap(\.self)
        return (shown.isEmpty ? nil : message(title, shown, hosts: shown.flatMap(\.hosts)), shown)
    }

    /// The conditions that hold no more: the end of a problem is announced, anything else is removed silently.
    private static func ended(
        _ conditions: [Condition],
        _ announced: Announced,
        _ unobserved: Unobserved
    ) -> (lines: [MessageLine], changes: [String: AnnouncedCondition?]) {
        let present = Set(conditions.map(\.key)).union([summaryKey])
        let keys = announced.keys.filter { !present.contains($0) && !unobserved.contains($0) }.sorted()
        let lines = keys.compactMap { key -> MessageLine? in
            guard let old = announced[key], old.isProblem else { return nil }
            return recovery(from: old, of: key, otherwise: "\(key): no longer a problem", hosts: [])
        }
        return (lines, Dictionary(uniqueKeysWithValues: keys.map { ($0, nil) }))
    }

    private static func line(from old: AnnouncedCondition?, to new: Condition) -> MessageLine? {
        if !new.isProblem, let old, old.isProblem {
            return recovery(from: old, of: new.key, otherwise: new.line, hosts: new.hosts)
        }
        return old?.value == new.value ? nil : .of(new)
    }

    private static func recovery(from old: AnnouncedCondition, of key: String, otherwise: String, hosts: [DomainName])
        -> MessageLine
    {
        MessageLine(
            line: .init(.recovery, old.recovery ?? otherwise),
            weight: old.level ?? .error,
            key: key,
            hosts: hosts.isEmpty ? old.hosts ?? [] : hosts
        )
    }

    /// Joins the news of the same hosts in one line: to people, a service's record and its certificate are one thing.
    private static func joined(_ lines: [MessageLine]) -> [MessageLine] {
        var joined: [MessageLine] = []
        var places: [[DomainName]: Int] = [:]
        for line in lines {
            let prefix = named(line.hosts.map(\.text)) + ": "
            guard line.line.kind == .news, !line.hosts.isEmpty, line.line.text.hasPrefix(prefix) else {
                joined.append(line)
                continue
            }
            guard let place = places[line.hosts] else {
                places[line.hosts] = joined.count
                joined.append(line)
                continue
            }
            let text = "\(joined[place].line.text); \(line.line.text.dropFirst(prefix.count))"
            let weight = max(joined[place].weight, line.weight)
            joined[place] = MessageLine(line: .init(.news, text), weight: weight, key: line.key, hosts: line.hosts)
        }
        return joined
    }

    private static func message(_ title: String, _ lines: [MessageLine], hosts: [DomainName]) -> Message {
        Message(title: title, lines: lines.map(\.line), level: lines.map(\.level).max() ?? .info, hosts: hosts)
    }

    static func count(_ number: Int, _ noun: String) -> String {
        guard number != 1 else { return "1 \(noun)" }
        return noun.hasSuffix("y") ? "\(number) \(noun.dropLast())ies" : "\(number) \(noun)s"
    }
}
