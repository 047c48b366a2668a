/// The difference between the decisions of a recording and those of its replay, as a diff.
package struct DecisionDifference: Sendable {
    /// `-` was recorded, `+` was decided now, a space stands before what is the same; three lines of context.
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

    private static func mark(_ old: [String], _ new: [String]) -> [String] {
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
