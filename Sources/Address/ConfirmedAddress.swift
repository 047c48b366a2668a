import Model
import Timing

/// The public address of a family, as far as it is confirmed. It outlives the process, so after a restart a wrong answer
/// does not look like the first one. Pure.
struct ConfirmedAddress: Hashable, Sendable, Codable {
    /// How far apart two equal answers of a single operator must be: a captive portal does not last so long.
    static let wait: Duration = .seconds(60)
    /// How long an address is written to records without a new confirmation. Existing records stay even then.
    static let shelfLife: Duration = .seconds(86_400)
    /// A confirmation is stored to this precision, because each one is a write to the disk.
    static let precision: Duration = .seconds(3600)
    /// How many addresses before the previous one are remembered.
    private static let memory = 16

    private var current = ConfirmedValue<IPAddress>()
    /// The address before this one.
    private(set) var previous: IPAddress?
    /// Those before `previous`, the latest first; a store of an older version has none.
    private var older: [IPAddress]?
    /// The services that reported it, or the interface.
    private(set) var sources: [String] = []
    private(set) var confirmed: Timestamp?
    /// A store of an older version has none.
    private var flips: AddressFlips?

    var address: IPAddress? { current.value }

    /// What the address was before, the latest first: records that have one of these may be ours.
    var earlier: [IPAddress] {
        ([previous].compactMap(\.self) + (older ?? [])).filter { $0 != address }
    }

    /// Applies what the services said, and returns why the address could not be confirmed.
    mutating func apply(_ verdict: AddressQuorum.Verdict, at now: Timestamp) -> String? {
        switch verdict {
        case .confirmed:
            current.discardCandidate()
            flips?.confirm(at: now)
            confirm(at: now)
        case .agreed(let new, let names): change(to: new, names, at: now)
        case .alone(let new, let name):
            guard current.hasLasted(new, Self.wait, at: now) else {
                return "\(name) reports \(new); it is used once \(name) reports it again, at least a minute later"
            }
            change(to: new, [name], at: now)
        case .unsettled(let reason): return reason
        }
        return nil
    }

    /// What may be written to records at `now`.
    /// - Parameter reason: why it was not confirmed.
    func observation(unconfirmed reason: String?, _ family: IPAddress.Family, at now: Timestamp) -> Observation<
        IPAddress
    > {
        guard let address else {
            return .unavailable(reason: "no public IP\(family.rawValue) address: \(reason ?? "no service was asked")")
        }
        guard let reason, !isConfirmed(within: Self.shelfLife, at: now) else { return .known(address) }
        return .unavailable(
            reason: "no public IP\(family.rawValue) address: \(reason); the last known one, \(address), "
                + "was not confirmed for a day and is no longer written to records"
        )
    }

    /// The address that a person has configured. No change to it is held.
    mutating func configure(_ address: IPAddress, at now: Timestamp) {
        flips = nil
        replace(by: address, ["the configuration"], at: now)
    }

    /// Why the address stays although another one was reported within the hour, and the way out: a sentence, or nil.
    func flipText(_ family: IPAddress.Family, at now: Timestamp) -> String? {
        guard let address, let held = flips?.held(at: now) else { return nil }
        let variable = family == .v4 ? "LANDFALL_IP" : "LANDFALL_IPV6"
        return
            "the public IP\(family.rawValue) address changes back and forth between \(address) and \(held), as with two lines to "
            + "the Internet: records keep \(address) until \(held) has been reported for an hour without a break; set "
            + "\(variable)= to the address that records should have, or to interface:NAME"
    }

    private mutating func change(to new: IPAddress, _ names: [String], at now: Timestamp) {
        var flips = flips ?? AddressFlips()
        defer { self.flips = flips }
        guard let address, address != new else { return replace(by: new, names, at: now) }
        // Held as it is, it is no older than the hour since the other one was left.
        guard !flips.holds(new, at: now) else { return confirm(at: now) }
        flips.replace(address, at: now)
        replace(by: new, names, at: now)
    }

    private mutating func replace(by new: IPAddress, _ names: [String], at now: Timestamp) {
        if let address, address != new { older = Array(earlier.filter { $0 != address }.prefix(Self.memory)) }
        if address != new { (previous, sources) = (address, names) }
        current.confirm(new)
        confirm(at: now)
    }

    private mutating func confirm(at now: Timestamp) {
        if !isConfirmed(within: Self.precision, at: now) { confirmed = now }
    }

    private func isConfirmed(within limit: Duration, at now: Timestamp) -> Bool {
        guard let confirmed else { return false }
        return confirmed <= now ? now - confirmed < limit : confirmed - now < limit
    }
}
