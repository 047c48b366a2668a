import Model
import Ports
import Report
import Timing

/// The difference between the decisions of a recording and those of its replay, as a diff.
package struct DecisionDifference: Sendable {
    /// `-` was recorded, `+` was decided now, lines that are the same begin with a space; three lines of context.
    package let lines: [String]

    package var isEmpty: Bool { lines.isEmpty }

    package init(recorded: [Decision], replayed: [Decision]) {
        lines = Self.diff(recorded.flatMap(\.lines), replayed.flatMap(\.lines))
    }

    private static let context = 3

    private static func diff(_ old: [String], _ new: [String]) -> [String] {
        let marked = mark(old, new)
        let changed = marked.indices.filter { !marked[$0].hasPrefix(" ") }
        guard !changed.isEmpty else { return [] }
        var lines: [String] = []
        var shown = 0
        for index in changed {
            let first = max(shown, index - context)
            if first > shown { lines.append("@@") }
            let last = min(marked.count, index + context + 1)
            if last > first { lines += marked[first..<last] }
            shown = max(shown, last)
        }
        return lines
    }

    /// The lines of which at most so many are compared with each other: time and memory grow with the square.
    private static let limit = 2000

    private static func mark(_ old: [String], _ new: [String]) -> [String] {
        let start = zip(old, new).prefix { $0 == $1 }.count
        let end = zip(old.dropFirst(start).reversed(), new.dropFirst(start).reversed()).prefix { $0 == $1 }.count
        let (removed, inserted) = (Array(old[start..<old.count - end]), Array(new[start..<new.count - end]))
        let isLong = removed.count > limit || inserted.count > limit
        let different = isLong ? removed.map { "-" + $0 } + inserted.map { "+" + $0 } : compare(removed, inserted)
        return new[..<start].map { " " + $0 } + different + new[(new.count - end)...].map { " " + $0 }
    }

    private static func compare(_ old: [String], _ new: [String]) -> [String] {
        let difference = new.difference(from: old)
        let removed = Set(difference.removals.map(\.place))
        let inserted = Set(difference.insertions.map(\.place))
        var (marked, oldIndex, newIndex): ([String], Int, Int) = ([], 0, 0)
        while oldIndex < old.count || newIndex < new.count {
            if removed.contains(oldIndex) {
                marked.append("-" + old[oldIndex])
                oldIndex += 1
            } else if inserted.contains(newIndex) {
                marked.append("+" + new[newIndex])
                newIndex += 1
            } else {
                marked.append(" " + new[newIndex])
                (oldIndex, newIndex) = (oldIndex + 1, newIndex + 1)
            }
        }
        return marked
    }
}

extension CollectionDifference.Change {
    fileprivate var place: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}

extension Decision {
    /// The decision as text. Nothing in it depends on the speed of a machine, so replays give the same lines as the
    /// recording.
    var lines: [String] {
        switch content {
        case .triggered(let reason): ["trigger  \(reason)"]
        case .began(let cause): ["run      \(cause.text)"]
        case .ended(let report): report.lines
        }
    }
}

extension RunCause {
    package var text: String {
        let coalesced = triggers == 1 ? "" : " (\(triggers) triggers)"
        return reasons.joined(separator: ", ") + coalesced
    }
}

extension Report {
    var lines: [String] {
        let records = hosts.compactMap { host in
            host.record.map { Self.line("record", host.name.text, $0.outcome, $0.current) }
        }
        let certificates = certificates.map {
            Self.line("certificate", $0.lineage, $0.outcome, $0.notAfter.map { "until \($0.day)" })
        }
        let signals = signals.map { Self.line("signal", "\($0.signal) → \($0.name)", $0.outcome, nil) }
        let serving = self.serving.map {
            "  serving     \($0.host): \($0.reason ?? "served at \($0.endpoint)")"
        }
        let secrets = self.secrets.map { Self.line("secret", $0.service, $0.outcome, nil) }
        let others = secrets + serving + refusals.map { "  label       \($0)" } + hints.map { "  hint        \($0)" }
        let problems = problems.map { "  problem     \($0.stage): \($0.text)" }
        let deletions = [deletions].compactMap(\.self).map {
            "  deletions   \($0.code): \($0.records.count) \($0.isConfirmed ? "confirmed" : "held")"
        }
        let end = "ended    \(changes) changed, \(failures) failed\(isDryRun ? ", dry run" : "")"
        return records + certificates + signals + others + deletions + problems + [end]
    }

    private static func line(_ stage: String, _ subject: String, _ outcome: Outcome, _ current: String?) -> String {
        let stage = stage + String(repeating: " ", count: max(1, 12 - stage.count))
        let words = [outcome.word, outcome.detail].compactMap { $0 }.joined(separator: ": ")
        return "  \(stage)\(subject): \(words)\(current.map { " [\($0)]" } ?? "")"
    }
}
