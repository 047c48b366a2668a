import Model

/// Notices an address that changes back and forth, as on a machine with two lines to the Internet that share its load. Each
/// change would rewrite all records, and no address would be right for long. Pure.
///
/// One change back to an address that was left within the hour is made, as after a failure of the other line. Further ones
/// are held until the address has been reported for an hour.
struct AddressFlips: Hashable, Sendable, Codable {
    static let window: Duration = .seconds(3600)

    private struct Departure: Hashable, Codable {
        let address: IPAddress
        let time: Timestamp
    }

    /// The addresses that were left within the hour, and when.
    private var departures: [Departure] = []
    /// When a change back was made or held the last time.
    private var lastReturn: Timestamp?
    /// The address that was held the last time.
    private var held: IPAddress?
    /// When it was.
    private var lastHeld: Timestamp?

    /// Whether a change from `current` to `new` is held.
    mutating func holds(_ new: IPAddress, at now: Timestamp) -> Bool {
        departures.removeAll { !Self.isRecent($0.time, now) }
        guard departures.contains(where: { $0.address == new }) else { return false }
        let isFirst = lastReturn.map { !Self.isRecent($0, now) } ?? true
        lastReturn = now
        guard !isFirst else { return false }
        (held, lastHeld) = (new, now)
        return true
    }

    /// The present address was reported again: the one that was held has been left once more.
    mutating func confirm(at now: Timestamp) {
        guard let held, let lastHeld, Self.isRecent(lastHeld, now) else { return }
        leave(held, at: now)
    }

    /// Another address takes the place of this one.
    mutating func replace(_ old: IPAddress, at now: Timestamp) {
        (held, lastHeld) = (nil, nil)
        leave(old, at: now)
    }

    /// The address that was held within the hour.
    func held(at now: Timestamp) -> IPAddress? {
        lastHeld.map { Self.isRecent($0, now) } ?? false ? held : nil
    }

    private mutating func leave(_ address: IPAddress, at now: Timestamp) {
        departures.removeAll { $0.address == address || !Self.isRecent($0.time, now) }
        departures.append(Departure(address: address, time: now))
    }

    /// A time that is still to come was noted by a clock that has been set back since.
    private static func isRecent(_ time: Timestamp, _ now: Timestamp) -> Bool { time <= now && now - time < window }
}
