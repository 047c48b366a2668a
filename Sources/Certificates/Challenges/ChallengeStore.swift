import DNS
import FoundationEssentials
import Model
import State

/// A published value, noted so that a crash leaves nothing in DNS for ever.
struct StoredChallenge: Hashable, Codable {
    let lineage: String
    let provider: String
    let zone: DomainName
    /// Its `id` is empty until the provider has told it.
    var record: ChallengeRecord

    var key: String { "\(record.name) \(record.value)" }

    func isIn(_ entry: ZoneDirectory.Entry) -> Bool {
        entry.zone.name == zone && entry.provider.name == provider
    }
}

/// The notes, in the state store's room "challenges".
struct ChallengeStore {
    private static let room = "challenges"
    let state: StateStore

    func keep(_ note: StoredChallenge) throws(ChallengeRefusal) {
        do {
            let text = String(decoding: try JSONEncoder().encode(note), as: UTF8.self)
            try state.commit([note.key: text], in: Self.room)
        } catch {
            throw ChallengeRefusal("the challenge cannot be noted, so it is not published: \(error)")
        }
    }

    /// A note that stays behind costs one needless removal later.
    func forget(_ note: StoredChallenge) {
        try? state.commit([note.key: nil], in: Self.room)
    }

    func all() -> [StoredChallenge] {
        let texts = (try? state.facts(in: Self.room)) ?? [:]
        return texts.sorted { $0.key < $1.key }
            .compactMap { try? JSONDecoder().decode(StoredChallenge.self, from: Data($0.value.utf8)) }
    }
}
