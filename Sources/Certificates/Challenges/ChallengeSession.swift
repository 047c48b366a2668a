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
    /// Why its challenges could not be answered; the first reason counts.
    var refusal: String?

    init(lineage: String, names: [DomainName], zones: ZoneDirectory, progress: @escaping @Sendable (String) -> Void) {
        self.lineage = lineage
        self.names = Set(names.map(\.withoutWildcard))
        self.zones = zones
        self.progress = progress
    }

    mutating func replace(_ value: PublishedChallenge) {
        guard let index = published.firstIndex(where: { $0.key == value.key }) else { return }
        published[index] = value
    }
}

/// A value that is in DNS, or may be.
struct PublishedChallenge: Sendable {
    var note: ChallengeNote
    let entry: ZoneDirectory.Entry

    init(note: ChallengeNote, entry: ZoneDirectory.Entry) {
        (self.note, self.entry) = (note, entry)
    }

    init(_ challenge: Challenge, lineage: String) {
        entry = challenge.entry
        note = ChallengeNote(
            lineage: lineage,
            provider: entry.provider.name,
            zone: entry.zone.name,
            record: ChallengeRecord(id: "", name: challenge.name, value: challenge.value)
        )
    }

    var key: String { note.key }

    func isAnswer(to challenge: Challenge) -> Bool {
        note.record.name == challenge.name && note.record.value == challenge.value
    }
}
