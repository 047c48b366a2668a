import Model

/// What is to be said, and what is to be remembered once it was said. Pure.
struct NoticeDifference {
    /// Nil when there is nothing to say, or nothing of the wanted level.
    let message: Message?
    /// For the store: a nil value is forgotten.
    let changes: [String: String?]
    /// The keys of the problems that the message tells.
    let problems: [String]

    /// A line, and what it is about.
    private struct MessageLine {
        let line: Message.Line
        /// The level of what it tells; a recovery's is that of the problem that it ends.
        let weight: NoticeLevel
        let key: String
        let hosts: [DomainName]

        var level: NoticeLevel { line.kind == .recovery ? .info : weight }
    }

    /// Tells that there was a summary once; no standing has this key.
    static let mark = "mark"

    /// - Parameters:
    ///   - unseen: what is missing of it is neither over nor forgotten; no summary is made of nothing.
    ///   - level: what is below it is remembered, but not said.
    init(
        from told: [String: String],
        to standing: [Condition],
        unseen: Unobserved,
        atLeast level: NoticeLevel = .info
    ) {
        let now = Dictionary(standing.map { ($0.key, $0) }) { $1 }.values.sorted { $0.key < $1.key }
        if told[Self.mark] != nil {
            self.init(since: told, now, unseen, level)
        } else if unseen != .everything {
            self.init(first: now, told, unseen, level)
        } else {
            self.init(since: told, now.filter(\.isProblem), unseen, level)
        }
    }

    /// Without a summary yet, what holds is the silent baseline; problems are worth a line even so.
    private init(first standing: [Condition], _ told: [String: String], _ unseen: Unobserved, _ level: NoticeLevel) {
        let (recoveries, forgotten) = Self.gone(standing, told, unseen)
        let problems = standing.filter(\.isProblem).map { Self.problem($0) }
        let shown = (problems + recoveries).filter { $0.weight >= level }
        let hosts = Set(standing.flatMap(\.hosts))
        let count = shown.count { $0.line.kind == .problem }
        var title = "Landfall watches \(Self.count(hosts.count, "host"))"
        if count > 0 { title += "; \(Self.count(count, "problem"))" }
        let isSilent = shown.isEmpty && level > .info
        message = isSilent ? nil : Self.message(title, shown, hosts: Array(hosts))
        self.problems = Self.problems(shown)
        var changes = forgotten
        changes[Self.mark] = ""
        for standing in standing { changes[standing.key] = AnnouncedCondition(standing).text }
        self.changes = changes
    }

    private init(since told: [String: String], _ standing: [Condition], _ unseen: Unobserved, _ level: NoticeLevel) {
        let (recoveries, forgotten) = Self.gone(standing, told, unseen)
        var sayings = recoveries
        var changes = forgotten
        for standing in standing where AnnouncedCondition(told[standing.key]) != AnnouncedCondition(standing) {
            changes[standing.key] = AnnouncedCondition(standing).text
            if let saying = Self.saying(from: AnnouncedCondition(told[standing.key]), to: standing) {
                sayings.append(saying)
            }
        }
        self.changes = changes
        let kinds: [Message.Line.Kind] = [.problem, .recovery, .news]
        let sorted = kinds.map { kind in
            Self.joined(sayings.filter { $0.line.kind == kind && $0.weight >= level })
        }
        let words = zip(sorted, ["problem", "recovery", "change"]).filter { !$0.0.isEmpty }
        let title = "Landfall: " + words.map { Self.count($0.0.count, $0.1) }.joined(separator: ", ")
        let shown = sorted.flatMap(\.self)
        message = shown.isEmpty ? nil : Self.message(title, shown, hosts: shown.flatMap(\.hosts))
        problems = Self.problems(shown)
    }

    /// What does not hold any more: a problem's end is said, anything else is forgotten silently.
    private static func gone(
        _ standing: [Condition],
        _ told: [String: String],
        _ unseen: Unobserved
    ) -> (sayings: [MessageLine], changes: [String: String?]) {
        let present = Set(standing.map(\.key)).union([mark])
        let keys = told.keys.filter { !present.contains($0) && !unseen.hides($0) }.sorted()
        let sayings = keys.compactMap { key -> MessageLine? in
            guard let old = AnnouncedCondition(told[key]), old.isProblem else { return nil }
            return recovery(from: old, of: key, otherwise: "\(key): no longer a problem", hosts: [])
        }
        return (sayings, Dictionary(uniqueKeysWithValues: keys.map { ($0, nil) }))
    }

    private static func saying(from old: AnnouncedCondition?, to new: Condition) -> MessageLine? {
        if !new.isProblem, let old, old.isProblem {
            return recovery(from: old, of: new.key, otherwise: new.line, hosts: new.hosts)
        }
        guard old?.value != new.value else { return nil }
        if new.isProblem { return problem(new) }
        return MessageLine(line: .init(.news, new.line), weight: new.level, key: new.key, hosts: new.hosts)
    }

    private static func problem(_ standing: Condition) -> MessageLine {
        MessageLine(
            line: .init(.problem, standing.line),
            weight: standing.level,
            key: standing.key,
            hosts: standing.hosts
        )
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

    /// News of the same hosts in one line: a service's record and its certificate are one thing to people.
    private static func joined(_ sayings: [MessageLine]) -> [MessageLine] {
        var joined: [MessageLine] = []
        var places: [[DomainName]: Int] = [:]
        for saying in sayings {
            let prefix = named(saying.hosts.map(\.text)) + ": "
            guard saying.line.kind == .news, !saying.hosts.isEmpty, saying.line.text.hasPrefix(prefix) else {
                joined.append(saying)
                continue
            }
            guard let place = places[saying.hosts] else {
                places[saying.hosts] = joined.count
                joined.append(saying)
                continue
            }
            let text = "\(joined[place].line.text); \(saying.line.text.dropFirst(prefix.count))"
            let weight = max(joined[place].weight, saying.weight)
            joined[place] = MessageLine(line: .init(.news, text), weight: weight, key: saying.key, hosts: saying.hosts)
        }
        return joined
    }

    private static func message(_ title: String, _ sayings: [MessageLine], hosts: [DomainName]) -> Message {
        Message(
            title: title,
            lines: sayings.map(\.line),
            level: sayings.map(\.level).max() ?? .info,
            hosts: hosts,
            matters: sayings.filter { $0.hosts.isEmpty && $0.line.kind != .news }.map(\.key)
        )
    }

    private static func problems(_ sayings: [MessageLine]) -> [String] {
        sayings.filter { $0.line.kind == .problem }.map(\.key)
    }

    static func count(_ number: Int, _ noun: String) -> String {
        guard number != 1 else { return "1 \(noun)" }
        return noun.hasSuffix("y") ? "\(number) \(noun.dropLast())ies" : "\(number) \(noun)s"
    }
}
