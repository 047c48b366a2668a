import Model

/// The changes of one name, which go out together.
struct ChangeGroup: Sendable {
    /// Each with its index among all requested changes.
    let changes: [(place: Int, change: RecordChange)]

    /// Whether a deletion clears the way for another record: then both are made or none, or the name would be left with nothing.
    var isOneStep: Bool {
        let deletions = changes.count { $0.change.order == .deletion }
        return deletions > 0 && deletions < changes.count
    }

    /// Whether it leaves more records than there were.
    var addsRecords: Bool { !isOneStep && changes.contains { $0.change.order == .creation } }

    /// In the order in which their names first occur.
    static func groups(of changes: [(place: Int, change: RecordChange)]) -> [ChangeGroup] {
        let groups = Dictionary(grouping: changes, by: \.change.name).values.map { ChangeGroup(changes: $0) }
        return groups.sorted { $0.changes[0].place < $1.changes[0].place }
    }
}

extension Array {
    /// Cut into parts whose items have a size of at most `limit` together; a larger item is a part of its own.
    func parts(ofSize limit: Int, _ size: (Element) -> Int) -> [[Element]] {
        var parts: [[Element]] = []
        var space = 0
        for item in self {
            if size(item) > space {
                parts.append([])
                space = limit
            }
            parts[parts.count - 1].append(item)
            space -= size(item)
        }
        return parts
    }
}

extension RecordChange {
    /// In which a batch is carried out.
    enum Order: Comparable { case deletion, patch, replacement, creation }

    var order: Order {
        switch self {
        case .delete: .deletion
        case .update(let old, let new): old.kind == new.kind ? .patch : .replacement
        case .create: .creation
        }
    }

    /// Whether it says which record it changes, where it has to.
    var isIdentified: Bool {
        switch self {
        case .create: true
        case .update(let old, _), .delete(let old): old.id?.isSafeInPath == true
        }
    }
}
