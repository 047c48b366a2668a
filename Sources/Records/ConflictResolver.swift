import DNS
import Model
import Ports

/// Decides which of several contradicting requests a name gets: one that is in DNS already, later ones being refused.
/// If none is in DNS, Landfall does not guess.
struct ConflictResolver {
    /// The desired records that are accepted; existing ones come first.
    private(set) var accepted: [DesiredRecord]
    private(set) var refusals: [String] = []

    /// - Parameter records: all existing records at the name.
    init(_ reading: DesiredRecords.Reading, _ records: [DNSRecord]) {
        accepted = reading.desired
        guard reading.desired.count + reading.pending.count > 1 else { return }
        let existing = reading.desired.filter { desired in records.contains(where: desired.isMet) }
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
