import Report

/// The order in which containers get their signals: of each service the first one alone, and then the others. If the first
/// one ends, the others get none. Pure.
struct SignalSweep {
    private struct Group {
        var waiting: [Int] = []
        var hasPassed = false
        /// Why the others get none.
        var cause: String?
    }

    private var groups: [String: Group] = [:]

    /// - Parameter keys: of each container, what those of its service share.
    init(_ keys: [String]) {
        for (index, key) in keys.enumerated() { groups[key, default: Group()].waiting.append(index) }
    }

    /// The places of those that are next; empty when none are.
    mutating func next() -> [Int] {
        var wave: [Int] = []
        for (key, group) in groups where group.cause == nil {
            let count = min(group.waiting.count, group.hasPassed ? .max : 1)
            wave += group.waiting.prefix(count)
            groups[key]?.waiting.removeFirst(count)
        }
        return wave.sorted()
    }

    /// - Parameter name: what the container is called.
    mutating func note(_ delivery: SignalDelivery, of key: String, name: String) {
        switch delivery.result {
        case .signalled: groups[key]?.hasPassed = true
        case .ended: groups[key]?.cause = "\(name) \(delivery.reason ?? "ended")"
        default: break
        }
    }

    /// The places of those that get none, and why.
    var heldBack: [(place: Int, reason: String)] {
        groups.values.flatMap { group in
            group.cause.map { cause in group.waiting.map { (place: $0, reason: cause) } } ?? []
        }.sorted { $0.place < $1.place }
    }
}
