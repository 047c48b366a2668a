import DNS
import Model
import Ports

/// Decides which of several contradicting requests a name gets: those of the service that had it first. Where that is not
/// known, one that is in DNS already wins, later ones are refused, and where none is in DNS, Landfall does not guess.
struct ConflictResolver {
    /// The desired records that are accepted; existing ones come first.
    private(set) var accepted: [DesiredRecord]
    /// Of the records whose content is unknown now, those that may be accepted.
    private(set) var pending: [DesiredRecords.Pending]
    private(set) var refusals: [String] = []

    /// - Parameter records: all existing records at the name.
    init(_ reading: DesiredRecords.Reading, _ records: [DNSRecord], _ addresses: PublicAddresses) {
        (accepted, pending) = (reading.desired, reading.pending)
        if let first = reading.first {
            accept(only: first, of: reading)
            return
        }
        guard reading.desired.count + reading.pending.count > 1 else { return }
        let existing = Self.existing(reading.desired, records, addresses)
        let others = reading.desired.filter { !existing.contains($0) }
        let newcomers = others.filter { existing.contains(where: $0.isRival) }
        let undecided = others.filter { !newcomers.contains($0) }
        let contested = undecided.filter { desired in
            undecided.contains(where: desired.isRival) || reading.pending.contains(where: desired.isRival)
        }
        accepted = existing + undecided.filter { !contested.contains($0) }
        refusals = Self.refusals(of: newcomers, because: existing)
        // What is unknown now may be what exists; then the name waits for it.
        guard !contested.contains(where: { reading.pending.contains(where: $0.isRival) }) else { return }
        if !contested.isEmpty { refusals.append("\(Self.text(of: contested)): only one can have the name") }
    }

    /// Accepts what `first` requests, and refuses what others request beside it.
    private mutating func accept(only first: String, of reading: DesiredRecords.Reading) {
        accepted = reading.desired.filter { $0.isRequested(by: first) }
        pending = reading.pending.filter { $0.isRequested(by: first) }
        let owner = sanitized(first, limit: 100)
        let own = accepted.first.map { ": \($0.summary)" } ?? (pending.isEmpty ? ", which requests no record" : "")
        let others = reading.desired.filter { !accepted.contains($0) }
        if !others.isEmpty { refusals.append("\(Self.text(of: others)), but the name belongs to \(owner)\(own)") }
        for other in reading.pending where !pending.contains(other) {
            let requesters = other.origins.map(\.readable).joined(separator: " and ")
            refusals.append("\(requesters) requests a record of its own, but the name belongs to \(owner)\(own)")
        }
    }

    /// The desired records that are in DNS. Where a record has an earlier address of this machine, it was made for who
    /// requests the public address, and not for who requests that address by its digits.
    private static func existing(
        _ desired: [DesiredRecord],
        _ records: [DNSRecord],
        _ addresses: PublicAddresses
    ) -> [DesiredRecord] {
        let following = desired.filter { desired in
            guard case .address(let wanted) = desired.target, addresses.isCurrent(wanted) else { return false }
            return records.contains { $0.kind == desired.kind && IPAddress($0.content).map(addresses.isOrWas) ?? false }
        }
        return desired.filter { desired in
            let isMet = records.contains(where: desired.isMet) && !following.contains { $0.kind == desired.kind }
            return isMet || following.contains(desired)
        }
    }

    private static func refusals(of newcomers: [DesiredRecord], because existing: [DesiredRecord]) -> [String] {
        var groups: [(rival: DesiredRecord, refused: [DesiredRecord])] = []
        for newcomer in newcomers {
            guard let rival = existing.first(where: newcomer.isRival) else { continue }
            if let last = groups.last, last.rival == rival, last.refused.first?.requesters == newcomer.requesters {
                groups[groups.count - 1].refused.append(newcomer)
            } else {
                groups.append((rival, [newcomer]))
            }
        }
        return groups.map { rival, refused in
            "\(text(of: refused)), but the name belongs to \(rival.requesters): \(rival.summary)"
        }
    }

    /// `service shop requests A 198.51.100.8, service web requests A 198.51.100.7 and AAAA 2001:db8::7`
    private static func text(of records: [DesiredRecord]) -> String {
        var groups: [(requesters: String, records: [String])] = []
        for record in records {
            if groups.last?.requesters == record.requesters {
                groups[groups.count - 1].records.append(record.summary)
            } else {
                groups.append((record.requesters, [record.summary]))
            }
        }
        return groups.map { "\($0.requesters) requests \($0.records.joined(separator: " and "))" }.joined(
            separator: ", "
        )
    }
}

extension DesiredRecord {
    /// Whether one name cannot have both: two of a kind, an alias beside anything, or records that different services
    /// request.
    fileprivate func isRival(of other: DesiredRecord) -> Bool {
        self != other && isRival(kind: other.kind, origins: other.origins)
    }

    fileprivate func isRival(of pending: DesiredRecords.Pending) -> Bool {
        isRival(kind: pending.kind, origins: pending.origins)
    }

    private func isRival(kind other: DNSRecord.Kind, origins others: [Origin]) -> Bool {
        kind == other || kind == .cname || other == .cname || !origins.contains(where: others.contains)
    }
}
