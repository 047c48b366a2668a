public import Model

/// A service that holds zones. A provider is one folder in this room and one line in the wiring.
public protocol DNSProvider: Sendable {
    /// For people and logs: "Cloudflare".
    var name: String { get }
    /// What is used up of the requests that it takes; nil where it does not count them.
    var budget: RequestBudget? { get }
    /// All zones that the credentials can see, all pages.
    func zones() async throws(ProviderError) -> [Zone]
    /// All address and alias records of a zone, all pages; never a part of them.
    func records(in zone: Zone) async throws(ProviderError) -> [DNSRecord]
    /// Returns the record as the provider confirmed it.
    func create(_ record: DNSRecord, in zone: Zone) async throws(ProviderError) -> DNSRecord
    /// Replaces the content of `old`, and those of its options that `new` names; what `new` leaves nil stays.
    func update(_ old: DNSRecord, to new: DNSRecord, in zone: Zone) async throws(ProviderError) -> DNSRecord
    /// Removes exactly this record; one that is gone already is a success.
    func delete(_ record: DNSRecord, in zone: Zone) async throws(ProviderError)
    /// Makes all changes in as few requests as it can; what one is refused holds no other. One result per change, in their
    /// order: the record as the provider confirmed it, nil for a deletion.
    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>]
    /// Adds one TXT value beside whatever stands at the name, and returns a key for its removal.
    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    /// Removes exactly that value; one that is gone already is a success.
    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError)
}

extension DNSProvider {
    public var budget: RequestBudget? { nil }
}

public struct Zone: Hashable, Sendable {
    public let name: DomainName
    /// The provider's own key.
    public let id: String

    public init(name: DomainName, id: String) {
        (self.name, self.id) = (name, id)
    }
}

/// A published dns-01 value. `_acme-challenge.NAME` is no host name, hence plain text; it is made of a `DomainName`.
public struct ChallengeRecord: Hashable, Sendable, Codable {
    /// The provider's own key; empty when publishing was cut off before it was learnt. The value is then found by
    /// looking.
    public let id: String
    public let name: String
    public let value: String

    public init(id: String, name: String, value: String) {
        (self.id, self.name, self.value) = (id, name, value)
    }
}

/// Why a provider did not do it; the description is a sentence for the owner.
public enum ProviderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The credentials are wrong or lack a right; no call with them can succeed.
    case unauthorized(String)
    /// The provider will not have this one request.
    case rejected(String)
    /// Down, slow, over its limit, or not talking sense: try again in a later run.
    case unavailable(String)

    public var description: String {
        switch self {
        case .unauthorized(let text), .rejected(let text), .unavailable(let text): text
        }
    }
}
