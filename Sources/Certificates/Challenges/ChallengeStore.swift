import DNS
import Model
import State

/// A published value in the store, so that a crash leaves nothing in DNS for good.
struct StoredChallenge: Hashable, Sendable, Codable {
    let lineage: String
    let provider: String
    let zone: DomainName
    /// Its `id` is empty until the provider has returned it.
    var record: ChallengeRecord

    var key: String { "\(record.name) \(record.value)" }

    func isIn(_ entry: ZoneDirectory.Entry) -> Bool {
        entry.zone.name == zone && entry.provider.name == provider
    }
}

/// Keeps the challenges that are in DNS, or may be.
struct ChallengeStore {
    private let namespace: StateStore.Namespace<StoredChallenge>

    init(state: StateStore) { namespace = StateStore.Namespace("challenges", in: state) }

    func load() -> [StoredChallenge] { namespace.allIfReadable().sorted { $0.key < $1.key }.map(\.value) }

    func save(_ challenge: StoredChallenge) throws(ChallengeError) {
        do throws(StateError) {
            try namespace.save(challenge, for: challenge.key)
        } catch {
            throw ChallengeError("the challenge cannot be stored, so it is not published: \(error)")
        }
    }

    /// One that stays behind costs one needless removal later.
    func remove(_ challenge: StoredChallenge) { try? namespace.remove(challenge.key) }
}
