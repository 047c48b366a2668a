import DNS
import Model
import Ports

/// Who may have a name that labels want different things of: whoever stands in DNS goes on, whoever came later is refused;
/// where nobody stands, nobody is guessed at.
struct ConflictResolver {
    /// What is to be brought about; those who stand come first.
    private(set) var accepted: [DesiredRecord]
    private(set) var refusals: [String] = []

    /// - Parameter records: all that stand at the name.
    init(_ reading: DesiredRecords.Reading, _ records: [DNSRecord]) {
        accepted = reading.wishes
        guard reading.wishes.count + reading.pending.count > 1 else { return }
        let standing = reading.wishes.filter { wish in records.contains(where: wish.isMet) }
        let others = reading.wishes.filter { !standing.contains($0) }
        let newcomers = others.filter { standing.contains(where: $0.isRival) }
        let equals = others.filter { !newcomers.contains($0) }
        let contested = equals.filter { wish in
            equals.contains(where: wish.isRival) || reading.pending.contains(where: wish.isRival)
        }
        accepted = standing + equals.filter { !contested.contains($0) }
        refusals = Self.refusals(of: newcomers, for: standing)
        // What cannot be told now may be what stands; then it is said to be waited for.
        guard !contested.contains(where: { reading.pending.contains(where: $0.isRival) }) else { return }
        if !contested.isEmpty { refusals.append("\(Self.text(of: contested)): only one can have the name") }
    }

    private static func refusals(of newcomers: [DesiredRecord], for standing: [DesiredRecord]) -> [String] {
        var groups: [(rival: DesiredRecord, wishes: [DesiredRecord])] = []
        for wish in newcomers {
            guard let rival = standing.first(where: wish.isRival) else { continue }
            if let last = groups.last, last.rival == rival, last.wishes.first?.askers == wish.askers {
                groups[groups.count - 1].wishes.append(wish)
            } else {
                groups.append((rival, [wish]))
            }
        }
        return groups.map { rival, wishes in
            "\(text(of: wishes)), but the name stands for \(rival.askers): \(rival.summary)"
        }
    }

    /// `service shop asks for A 198.51.100.8, service web asks for A 198.51.100.7 and AAAA 2001:db8::7`
    private static func text(of wishes: [DesiredRecord]) -> String {
        var asked: [(askers: String, what: [String])] = []
        for wish in wishes {
            if asked.last?.askers == wish.askers {
                asked[asked.count - 1].what.append(wish.summary)
            } else {
                asked.append((wish.askers, [wish.summary]))
            }
        }
        return asked.map { "\($0.askers) asks for \($0.what.joined(separator: " and "))" }.joined(separator: ", ")
    }
}

extension DesiredRecord {
    /// Whether one name cannot have both: two of a kind, an alias beside anything, or what different services want of it.
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
