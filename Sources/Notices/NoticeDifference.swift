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
        if announced[Self.summaryKey] != nil {
            self.init(since: announced, present, unobserved, level)
        } else if unobserved != .everything {
            self.init(first: present, announced, unobserved, level)
        } else {
            self.init(since: announced, present.filter(\.isProblem), unobserved, level)
        }
    }

    /// The first message is a summary: what holds already is the baseline, and only problems get a line.
    private init(
        first conditions: [Condition],
        _ announced: Announced,
        _ unobserved: Unobserved,
        _ level: NoticeLevel
    ) {
        let (recoveries, removals) = Self.ended(conditions, announced, unobserved)
        let problems = conditions.filter(\.isProblem).map(MessageLine.of)
        let shown = (problems + recoveries).filter { $0.weight >= level }
        let hosts = Set(conditions.flatMap(\.hosts))
        let count = shown.count { $0.line.kind == .problem }
        var title = "Landfall watches \(Self.count(hosts.count, "host"))"
        if count > 0 { title += "; \(Self.count(count, "problem"))" }
        let isSilent = shown.isEmpty && level > .info
        message = isSilent ? nil : Self.message(title, shown, hosts: Array(hosts))
        self.problems = Self.problems(shown)
        var changes = removals
        changes[Self.summaryKey] = AnnouncedCondition(Condition(key: Self.summaryKey, value: "", line: ""))
        for condition in conditions { changes[condition.key] = AnnouncedCondition(condition) }
        self.changes = changes
    }

    private init(
        since announced: Announced,
        _ conditions: [Condition],
        _ unobserved: Unobserved,
        _ level: NoticeLevel
    ) {
        var (lines, changes) = Self.ended(conditions, announced, unobserved)
        for condition in conditions where announced[condition.key] != AnnouncedCondition(condition) {
            changes[condition.key] = AnnouncedCondition(condition)
            if let line = Self.line(from: announced[condition.key], to: condition) { lines.append(line) }
        }
        self.changes = changes
        let kinds: [Message.Line.Kind] = [.problem, .recovery, .news]
        let sorted = kinds.map { kind in
            Self.joined(lines.filter { $0.line.kind == kind && $0.weight >= level })
        }
        let counts = zip(sorted, ["problem", "recovery", "change"]).filter { !$0.0.isEmpty }
        let title = "Landfall: " + counts.map { Self.count($0.0.count, $0.1) }.joined(separator: ", ")
        let shown = sorted.flatMap(\.self)
        message = shown.isEmpty ? nil : Self.message(title, shown, hosts: shown.flatMap(\.hosts))
        problems = Self.problems(shown)
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

    private static func problems(_ lines: [MessageLine]) -> [String] {
        lines.filter { $0.line.kind == .problem }.map(\.key)
    }

    static func count(_ number: Int, _ noun: String) -> String {
        guard number != 1 else { return "1 \(noun)" }
        return noun.hasSuffix("y") ? "\(number) \(noun.dropLast())ies" : "\(number) \(noun)s"
    }
}
