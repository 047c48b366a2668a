import Model
import State

/// A notice in the outbox.
struct OutboxItem: Codable {
    let notice: Notice
    /// The keys of the problems that it reports: they are announced again if it is discarded.
    let problems: [String]
    /// How many discarded notices it reports.
    let lost: Int

    /// About the length of its text in the store.
    fileprivate var size: Int {
        let texts = problems + notice.message.hosts.map(\.text) + notice.message.lines.map(\.text)
        return texts.reduce(200) { $0 + $1.utf8.count + 3 }
    }
}

/// The notices that one notifier has not delivered yet, oldest first, and the changes to them. Pure.
struct Outbox {
    /// Beyond these limits the oldest notices are discarded.
    static let countLimit = 500
    static let sizeLimit = 1 << 20

    fileprivate static let nextKey = "next"
    fileprivate static let lostKey = "lost"

    private var items: [(key: String, item: OutboxItem)]
    /// The number of the next notice; it only grows.
    private var next: Int
    /// How many notices were discarded since the last one that says so.
    private var lost: Int
    /// For the store; nil values are removed.
    private(set) var changes: [String: OutboxItem?] = [:]
    private(set) var counterChanges: [String: Int?] = [:]

    init(items: [String: OutboxItem] = [:], counters: [String: Int] = [:]) {
        self.items = items.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        next = counters[Self.nextKey] ?? 1
        lost = counters[Self.lostKey] ?? 0
    }

    var count: Int { items.count }

    var first: (key: String, item: OutboxItem)? { items.first }

    /// Adds a message at the end, and returns the notices that were discarded for it.
    mutating func add(_ message: Message, problems: [String], of instance: String, at now: Timestamp) -> [OutboxItem] {
        var message = message
        if lost > 0 {
            let subject = NoticeDifference.count(lost, "earlier notice")
            message = message.preceded(by: .init(.problem, "\(subject) could not be delivered"))
        }
        let notice = Notice(message, number: next, of: instance, at: now)
        let item = OutboxItem(notice: notice, problems: problems, lost: lost)
        let key = Self.key(next)
        items.append((key, item))
        changes[key] = item
        setLost(0)
        next = next.saturatingAdding(1)
        counterChanges[Self.nextKey] = next
        return shorten()
    }

    mutating func remove(_ key: String) {
        items.removeAll { $0.key == key }
        changes[key] = .some(nil)
    }

    /// Discards the notices for which `isHopeless` holds, and returns them.
    mutating func discard(where isHopeless: (_ key: String, OutboxItem) -> Bool) -> [OutboxItem] {
        let hopeless = items.filter { isHopeless($0.key, $0.item) }
        for (key, item) in hopeless { discard(key, item) }
        return hopeless.map(\.item)
    }

    private mutating func shorten() -> [OutboxItem] {
        var size = items.reduce(0) { $0 + $1.item.size }
        var discarded: [OutboxItem] = []
        while items.count > 1, items.count > Self.countLimit || size > Self.sizeLimit {
            let (key, item) = items[0]
            size -= item.size
            discard(key, item)
            discarded.append(item)
        }
        return discarded
    }

    private mutating func discard(_ key: String, _ item: OutboxItem) {
        remove(key)
        setLost(lost.saturatingAdding(1).saturatingAdding(item.lost))
    }

    private mutating func setLost(_ count: Int) {
        guard count != lost else { return }
        lost = count
        counterChanges[Self.lostKey] = count == 0 ? .some(nil) : count
    }

    /// Keys sort as text like the numbers they stand for.
    private static func key(_ number: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}

/// The outbox of one notifier in the state store: notices by number, and beside them two counters.
struct OutboxStore {
    private let items: StateStore.Namespace<OutboxItem>
    private let counters: StateStore.Namespace<Int>

    init(of notifier: String, in state: StateStore) {
        items = StateStore.Namespace("outbox/" + notifier, in: state)
        counters = StateStore.Namespace("outbox/" + notifier, in: state)
    }

    func load() throws(StateError) -> Outbox {
        var counts: [String: Int] = [:]
        for key in [Outbox.nextKey, Outbox.lostKey] { counts[key] = try counters.load(key) }
        return Outbox(items: try items.all(), counters: counts)
    }

    /// Adds the changes of an outbox to those that are committed together.
    func save(_ outbox: Outbox, in changes: inout StateStore.Changes) {
        changes.add(outbox.changes, in: items)
        changes.add(outbox.counterChanges, in: counters)
    }
}
