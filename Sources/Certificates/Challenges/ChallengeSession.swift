import DNS
import Model

/// What the desk knows of one certbot.
struct ChallengeSession: Sendable {
    let lineage: String
    /// Without `*.`: certbot names the base of a wildcard.
    let names: Set<DomainName>
    let zones: ZoneDirectory
    let progress: @Sendable (String) -> Void
    var published: [PublishedChallenge] = []
    /// Challenges' names that are aliases of names in nobody's zone, as far as DNS showed.
    var strays: [String: String] = [:]
    /// Why its challenges could not be answered; the first reason counts.
    var refusal: String?

    init(lineage: String, names: [DomainName], zones: ZoneDirectory, progress: @escaping @Sendable (String) -> Void) {
        self.lineage = lineage
        self.names = Set(names.map(\.withoutWildcard))
        self.zones = zones
        self.progress = progress
    }

    /// Takes a value in, or what is known of it by now.
    mutating func note(_ value: PublishedChallenge) {
        drop(value)
        published.append(value)
    }

    mutating func drop(_ value: PublishedChallenge) {
        published.removeAll { $0.key == value.key }
    }
}

/// A value that is in DNS, or may be.
struct PublishedChallenge: Sendable {
    var note: StoredChallenge
    /// Whose zone it stands in.
    let entry: ZoneDirectory.Entry
    /// The challenge's own place, which may be an alias of where it stands.
    let asked: ChallengeSpot

    /// As a note tells of it.
    init(note: StoredChallenge, entry: ZoneDirectory.Entry) {
        (self.note, self.entry) = (note, entry)
        asked = ChallengeSpot(name: note.record.name, entry: entry)
    }

    init(_ challenge: Challenge, at spot: ChallengeSpot, lineage: String) {
        (entry, asked) = (spot.entry, challenge.spot)
        note = StoredChallenge(
            lineage: lineage,
            provider: entry.provider.name,
            zone: entry.zone.name,
            record: ChallengeRecord(id: "", name: spot.name, value: challenge.value)
        )
    }

    var key: String { note.key }

    /// What it answers.
    var challenge: Challenge { Challenge(spot: asked, value: note.record.value) }

    func isAnswer(to challenge: Challenge) -> Bool {
        asked.name == challenge.spot.name && note.record.value == challenge.value
    }
}
