import Model

/// A notice in the outbox.
struct OutboxItem: Codable {
    let notice: Notice
    /// The keys of the problems that it tells: they are owed again when it is given up.
    let problems: [String]
    /// How many earlier ones it tells to be lost.
    let lost: Int
}

/// What one notifier still owes, oldest first, as the state store has it, and what is to become of it. Pure.
struct Outbox {
    /// More are not kept: the oldest are given up.
    static let countLimit = 500
    static let byteLimit = 1 << 20

    private static let nextKey = "next"
    private static let lostKey = "lost"

    private var letters: [(key: String, text: String)]
    /// The number of the next letter; it only ever grows.
    private var next: Int
    /// How many were given up, and nobody was told so yet.
    private var lost: Int
    /// For the store.
    private(set) var changes: [String: String?] = [:]

    init(_ facts: [String: String]) {
        letters = facts.filter { Int($0.key) != nil }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        next = facts[Self.nextKey].flatMap { Int($0) } ?? 1
        lost = facts[Self.lostKey].flatMap { Int($0) } ?? 0
    }

    var count: Int { letters.count }

    /// The one whose turn it is.
    var first: (key: String, letter: OutboxItem)? {
        letters.lazy.compactMap { key, text in Stored.value(text, OutboxItem.self).map { (key, $0) } }.first
    }

    /// Puts a message at the end. Returns what had to be given up for it.
    mutating func add(
        _ message: Message,
        problems: [String],
        of instance: String,
        at now: Timestamp
    ) -> [OutboxItem] {
        var message = message
        if lost > 0 {
            let subject = NoticeDifference.count(lost, "earlier notice")
            message = message.preceded(by: .init(.problem, "\(subject) could not be delivered"))
        }
        let notice = Notice(message, number: next, of: instance, at: now)
        guard let text = Stored.text(OutboxItem(notice: notice, problems: problems, lost: lost)) else { return [] }
        let key = Self.key(next)
        letters.append((key, text))
        changes[key] = text
        setLost(0)
        next += 1
        changes[Self.nextKey] = "\(next)"
        return shorten()
    }

    mutating func remove(_ key: String) {
        letters.removeAll { $0.key == key }
        changes[key] = .some(nil)
    }

    /// Gives up those that are `hopeless`, and returns them.
    mutating func giveUp(where isHopeless: (_ key: String, OutboxItem) -> Bool) -> [OutboxItem] {
        let hopeless = letters.compactMap { key, text in
            Stored.value(text, OutboxItem.self).flatMap { isHopeless(key, $0) ? (key: key, letter: $0) : nil }
        }
        for (key, letter) in hopeless { lose(key, letter) }
        return hopeless.map(\.letter)
    }

    private mutating func shorten() -> [OutboxItem] {
        var size = letters.reduce(0) { $0 + $1.text.utf8.count }
        var given: [OutboxItem] = []
        while letters.count > 1, letters.count > Self.countLimit || size > Self.byteLimit {
            let (key, text) = letters[0]
            size -= text.utf8.count
            guard let letter = Stored.value(text, OutboxItem.self) else {
                remove(key)
                continue
            }
            lose(key, letter)
            given.append(letter)
        }
        return given
    }

    private mutating func lose(_ key: String, _ letter: OutboxItem) {
        remove(key)
        setLost(lost + 1 + letter.lost)
    }

    private mutating func setLost(_ count: Int) {
        guard count != lost else { return }
        lost = count
        changes[Self.lostKey] = count == 0 ? .some(nil) : "\(count)"
    }

    /// Sorted as text they are sorted as numbers.
    private static func key(_ number: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}
