import Model

/// The changes of one name, which go out together.
struct ChangeGroup: Sendable {
    let name: DomainName
    /// Each with its index among all requested changes.
    private(set) var changes: [(place: Int, change: RecordChange)] = []

    /// Whether a deletion clears the way for another record: then both are made or none, or the name would be left with nothing.
    var isOneStep: Bool {
        let deletions = changes.count { $0.change.order == .deletion }
        return deletions > 0 && deletions < changes.count
    }

    /// Cut into parts of at most `limit` changes each; the changes of one name stay together.
    static func parts(of changes: [(place: Int, change: RecordChange)], atMost limit: Int) -> [[ChangeGroup]] {
        var parts: [[ChangeGroup]] = []
        var room = 0
        for group in groups(of: changes) {
            if group.changes.count > room {
                parts.append([])
                room = limit
            }
            parts[parts.count - 1].append(group)
            room -= group.changes.count
        }
        return parts
    }

    /// In the order in which their names first occur.
    private static func groups(of changes: [(place: Int, change: RecordChange)]) -> [ChangeGroup] {
        var groups: [ChangeGroup] = []
        var places: [DomainName: Int] = [:]
        for change in changes {
            let name = change.change.name
            if places[name] == nil {
                places[name] = groups.count
                groups.append(ChangeGroup(name: name))
            }
            groups[places[name, default: 0]].changes.append(change)
        }
        return groups
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
