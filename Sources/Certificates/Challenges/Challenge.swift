import DNS
import Model
import State

/// One dns-01 challenge (RFC 8555 §8.4) that was checked: the value may be published at the name.
struct Challenge {
    /// `_acme-challenge.NAME`.
    let location: ChallengeLocation
    let value: String
}

extension Challenge {
    init(_ request: HookRequest, allowed: Set<DomainName>, zones: ZoneDirectory) throws(ChallengeError) {
        guard let domain = try? DomainName(request.domain).withoutWildcard, allowed.contains(domain) else {
            throw ChallengeError(
                "`\(sanitized(request.domain, limit: 100))` is not among the names of this certificate"
            )
        }
        guard Self.isDigest(request.validation) else {
            throw ChallengeError("the validation value for \(domain) is malformed")
        }
        let entry: ZoneDirectory.Entry
        switch zones.find(domain) {
        case .found(let found): entry = found
        case .notAllowed: throw ChallengeError(ChallengeAvailability.notAllowed(domain))
        case .noZone(let searched, let advice):
            throw ChallengeError(ChallengeAvailability.noZone(domain, searched: searched, advice: advice))
        case .gone(_, let reason), .unserved(_, let reason): throw ChallengeError(reason)
        case .unavailable(let reason): throw ChallengeError(ChallengeAvailability.unavailable(reason))
        }
        location = ChallengeLocation(name: "_acme-challenge.\(domain)", entry: entry)
        value = request.validation
    }

    /// A SHA-256 digest in base64url without padding (RFC 8555 §8.4) has 43 characters.
    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 43
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
                default: false
                }
            }
    }
}

/// A name in a zone at which a value can be published.
struct ChallengeLocation: Sendable {
    /// A chain of aliases that is longer counts as a loop.
    static let longestChain = 8

    let name: String
    let entry: ZoneDirectory.Entry

    /// Where the alias at this name leads: a delegated challenge may be in another zone, even at another provider.
    func following(_ target: String, in zones: ZoneDirectory) -> Result<ChallengeLocation, ChallengePlaces.Rejection> {
        switch Self.host(of: target).map(zones.find) {
        case .found(let entry): .success(ChallengeLocation(name: target, entry: entry))
        case .unserved(_, let reason), .gone(_, let reason), .unavailable(let reason):
            .failure(.waits(sanitized("\(name) is an alias of \(target): \(reason)", limit: Outcome.textLimit)))
        case .notAllowed, .noZone, nil:
            .failure(
                .refused(
                    sanitized(
                        "\(name) is an alias of \(target), which is in no zone that Landfall may write to, so the challenge "
                            + "cannot be answered",
                        limit: Outcome.textLimit
                    )
                )
            )
        }
    }

    /// The host name that the target is or is below: labels such as `_acme-challenge` are not part of host names or zones.
    private static func host(of target: String) -> DomainName? {
        var rest = target[...]
        while !rest.isEmpty {
            if let host = try? DomainName(rest) { return host }
            rest = rest.drop { $0 != "." }.dropFirst()
        }
        return nil
    }
}

/// Why a challenge is not solved.
package struct ChallengeError: Error, Hashable {
    /// One line.
    package let reason: String
    /// The host that it is about, where that is known and no more than one.
    let name: DomainName?

    init(_ reason: String, of name: DomainName? = nil) { (self.reason, self.name) = (sanitized(reason), name) }
}

/// What the solver knows about one running certbot.
struct ChallengeSession: Sendable {
    let lineage: String
    /// Without `*.`: certbot passes the base of a wildcard.
    let names: Set<DomainName>
    let zones: ZoneDirectory
    let progress: @Sendable (String) -> Void
    var published: [PublishedChallenge] = []
    /// Names of challenges that are aliases of names at which nothing can be published, and why not: a sentence each.
    var barredAliases: [String: String] = [:]
    /// Why its challenges could not be solved; the first reason counts.
    var error: ChallengeError?

    init(lineage: String, names: [DomainName], zones: ZoneDirectory, progress: @escaping @Sendable (String) -> Void) {
        (self.lineage, self.names) = (lineage, Set(names.map(\.withoutWildcard)))
        (self.zones, self.progress) = (zones, progress)
    }

    /// Adds a value, or replaces what is known of it.
    mutating func update(_ value: PublishedChallenge) {
        remove(value)
        published.append(value)
    }

    mutating func remove(_ value: PublishedChallenge) { published.removeAll { $0.key == value.key } }
}

/// A value that is in DNS, or may be.
struct PublishedChallenge: Sendable {
    var stored: StoredChallenge
    let entry: ZoneDirectory.Entry
    /// The challenge's own name, which may be an alias of the name at which it is published.
    let requested: ChallengeLocation

    init(stored: StoredChallenge, entry: ZoneDirectory.Entry) {
        (self.stored, self.entry) = (stored, entry)
        requested = ChallengeLocation(name: stored.record.name, entry: entry)
    }

    init(_ challenge: Challenge, at location: ChallengeLocation, lineage: String) {
        (entry, requested) = (location.entry, challenge.location)
        stored = StoredChallenge(
            lineage: lineage,
            provider: entry.provider.name,
            zone: entry.zone.name,
            record: ChallengeRecord(id: "", name: location.name, value: challenge.value)
        )
    }

    var key: String { stored.key }

    var challenge: Challenge { Challenge(location: requested, value: stored.record.value) }

    func answers(_ challenge: Challenge) -> Bool {
        requested.name == challenge.location.name && stored.record.value == challenge.value
    }
}

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
