import DNS
import Model

/// Who may have a name that labels want different things of: whoever stands in DNS goes on, whoever came later is refused;
/// where nobody stands, nobody is guessed at.
struct Contest {
    /// What is to be brought about; those who stand come first.
    private(set) var accepted: [Wish]
    private(set) var refusals: [String] = []

    /// - Parameter records: all that stand at the name.
    init(_ reading: WishList.Reading, _ records: [DNSRecord]) {
        accepted = reading.wishes
        guard reading.wishes.count + reading.pending.count > 1 else { return }
        let standing = reading.wishes.filter { wish in records.contains(where: wish.isMet) }
        accepted = standing
        var others: [Wish] = []
        for wish in reading.wishes where !standing.contains(wish) {
            if let rival = standing.first(where: wish.isRival) {
                refusals.append(
                    "\(wish.askers) asks for \(wish.summary), but the name stands for \(rival.askers): \(rival.summary)"
                )
            } else if !reading.pending.contains(where: wish.isRival) {
                others.append(wish)
            }
        }
        let contested = others.filter { wish in others.contains(where: wish.isRival) }
        accepted += others.filter { !contested.contains($0) }
        if !contested.isEmpty { refusals.append(Self.refusal(of: contested)) }
    }

    private static func refusal(of wishes: [Wish]) -> String {
        var asked: [(askers: String, what: [String])] = []
        for wish in wishes {
            if asked.last?.askers == wish.askers {
                asked[asked.count - 1].what.append(wish.summary)
            } else {
                asked.append((wish.askers, [wish.summary]))
            }
        }
        let text = asked.map { "\($0.askers) asks for \($0.what.joined(separator: " and "))" }.joined(separator: ", ")
        return "\(text): only one can have the name"
    }
}

extension Wish {
    /// Whether one name cannot have both: two of a kind, an alias beside anything, or what different services want of it.
    fileprivate func isRival(of other: Wish) -> Bool {
        self != other && isRival(kind: other.kind, origins: other.origins)
    }

    fileprivate func isRival(of pending: WishList.Pending) -> Bool {
        isRival(kind: pending.kind, origins: pending.origins)
    }

    private func isRival(kind other: DNSRecord.Kind, origins others: [Origin]) -> Bool {
        kind == other || kind == .cname || other == .cname || !origins.contains(where: others.contains)
    }
}
