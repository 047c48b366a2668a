import FoundationEssentials
import Model
import Ports

/// What the public address of a family is taken for, and what it may have become. It outlives the process, so that no
/// restart makes a wrong answer look like the first one. Pure.
struct ConfirmedAddress: Hashable, Codable {
    struct Candidate: Hashable, Codable {
        let address: IPAddress
        let since: Timestamp
    }

    /// How far apart two equal readings of an only operator must be: what answers in its place for a moment does not
    /// answer for so long.
    static let patience: Duration = .seconds(60)
    /// How long an address that nobody confirms is written to records. What stands is left as it is even then.
    static let shelfLife: Duration = .seconds(86_400)
    /// A confirmation is remembered to this precision, for every one of them is a write to the disk.
    static let precision: Duration = .seconds(3600)

    private(set) var address: IPAddress?
    /// What it was before.
    private(set) var was: IPAddress?
    /// Who said that it is this.
    private(set) var witnesses: [String] = []
    private(set) var confirmed: Timestamp?
    private(set) var candidate: Candidate?

    /// Takes in what a round of asking came to; the result is why the address remains in doubt, nil when it does not.
    mutating func take(_ verdict: AddressQuorum.Verdict, at now: Timestamp) -> String? {
        switch verdict {
        case .confirmed:
            confirm(at: now)
            return nil
        case .agreed(let new, let names):
            believe(new, names, at: now)
            return nil
        case .alone(let new, let name):
            guard hasStood(new, at: now) else {
                return "\(name) says \(new), which is believed once it says so again, a minute later or more"
            }
            believe(new, [name], at: now)
            return nil
        case .unsettled(let reason): return reason
        }
    }

    /// What may be written to records at `now`.
    /// - Parameter doubt: why it was not confirmed.
    func observation(_ doubt: String?, _ family: IPAddress.Family, at now: Timestamp) -> Observation<IPAddress> {
        guard let address else {
            return .unavailable(reason: "no public IP\(family.rawValue) address: \(doubt ?? "nobody was asked")")
        }
        guard let doubt, !isFresh(at: now) else { return .known(address) }
        return .unavailable(
            reason: "no public IP\(family.rawValue) address: \(doubt); the last known one, \(address), "
                + "was not confirmed for a day, and is not written any more"
        )
    }

    private mutating func believe(_ new: IPAddress, _ names: [String], at now: Timestamp) {
        if address != new { (was, address, witnesses) = (address, new, names) }
        confirm(at: now)
    }

    private mutating func confirm(at now: Timestamp) {
        candidate = nil
        if !isConfirmed(within: Self.precision, at: now) { confirmed = now }
    }

    /// Whether `new` was heard a while ago already; if not, the wait begins. The wall clock, for it outlives the process;
    /// one that was set back begins the wait anew.
    private mutating func hasStood(_ new: IPAddress, at now: Timestamp) -> Bool {
        guard let candidate, candidate.address == new, candidate.since <= now else {
            candidate = Candidate(address: new, since: now)
            return false
        }
        return now - candidate.since >= Self.patience
    }

    private func isFresh(at now: Timestamp) -> Bool { isConfirmed(within: Self.shelfLife, at: now) }

    private func isConfirmed(within limit: Duration, at now: Timestamp) -> Bool {
        guard let confirmed else { return false }
        return confirmed <= now ? now - confirmed < limit : confirmed - now < limit
    }
}

extension ConfirmedAddress {
    /// Nil for anything that `text` never was.
    init?(text: String) {
        guard let belief = try? JSONDecoder().decode(ConfirmedAddress.self, from: Data(text.utf8)) else { return nil }
        self = belief
    }

    var text: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }
}
