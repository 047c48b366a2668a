package import Model
package import Ports

/// A service that holds zones. A provider is one folder in this module and one line in the wiring.
package protocol DNSProvider: Sendable {
    /// For people and logs: "Cloudflare".
    var name: String { get }
    /// The used part of the requests that it allows; nil if it has no such limit.
    var budget: RequestBudget? { get }
    /// Whether it can serve a record by its own edge, as Cloudflare's proxy does. The edge has a certificate for the zone and
    /// one label below it, and reaches public addresses only.
    var hasEdge: Bool { get }
    /// All zones that the credentials can see, all pages.
    func zones() async throws(ProviderError) -> [Zone]
    /// What a zone holds, all pages; never a part of it.
    func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents
    /// How many records a zone holds and may hold; nil where the service does not tell.
    func usage(of zone: Zone) async -> ZoneUsage?
    /// Makes all changes in as few requests as it can; a refused one holds no other back. One result per change, in their
    /// order: the record as the provider confirmed it, nil for a deletion.
    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>]
    /// Adds one TXT value beside the existing records at the name, and returns a key for its removal.
    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    /// Removes exactly that value; one that is gone already is a success.
    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError)
}

extension DNSProvider {
    package var budget: RequestBudget? { nil }
    package var hasEdge: Bool { false }
    package func usage(of zone: Zone) async -> ZoneUsage? { nil }

    /// All address and alias records of a zone.
    package func records(in zone: Zone) async throws(ProviderError) -> [DNSRecord] { try await read(zone).records }
}

/// A DNS zone at a provider.
package struct Zone: Hashable, Sendable {
    package let name: DomainName
    /// The provider's own key.
    package let id: String
    /// The provider's own servers for the zone: names, or addresses in the form of `DNSServer`; none where it names none.
    package let nameServers: [String]
    /// Why the world does not get the zone's records from this provider, a sentence in the provider's words that says what
    /// mends it; nil where it does.
    package let unservedReason: String?
    /// The servers of the internal view that have a zone of the same name; nil where none has. What they show is no matter of
    /// this zone, and a resolver of the own network may show it.
    package private(set) var internalServers: [DNSServer]?

    package init(name: DomainName, id: String, nameServers: [String] = [], unservedReason: String? = nil) {
        (self.name, self.id, self.nameServers, self.unservedReason) = (name, id, nameServers, unservedReason)
    }

    /// This zone, where the internal view has another one of its name.
    func beside(_ internal: Zone?) -> Zone {
        var zone = self
        zone.internalServers = `internal`?.nameServers.compactMap { DNSServer($0) }
        return zone
    }

    /// Of the challenge at a name: the host for which `_acme-challenge.HOST` is made.
    func scope(ofChallengeAt name: String) -> Scope {
        (try? DomainName(name.drop { $0 != "." }.dropFirst())).map { .host($0) } ?? .zone(self.name.text)
    }
}

/// A published dns-01 value. `_acme-challenge.NAME` is no host name, hence plain text; it is made of a `DomainName`.
package struct ChallengeRecord: Hashable, Sendable, Codable {
    /// The provider's own key; empty when publishing was cut off before it was learnt: then the value is searched for.
    package let id: String
    package let name: String
    package let value: String

    package init(id: String, name: String, value: String) {
        (self.id, self.name, self.value) = (id, name, value)
    }
}

/// Why a provider could not do something; the description is a sentence for the user.
package enum ProviderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The credentials are wrong or lack a right; no call with them can succeed.
    case unauthorized(String)
    /// The provider rejects this one request.
    case rejected(String)
    /// It is down, slow, over its limit, or sends nonsense: a later run tries again.
    case unavailable(String)
    /// The zone holds no more records. In the provider's own words.
    case full(String)

    package var description: String {
        switch self {
        case .unauthorized(let text), .rejected(let text), .unavailable(let text), .full(let text): text
        }
    }
}

/// One write to a zone.
package enum RecordChange: Hashable, Sendable {
    case create(DNSRecord)
    /// Replaces the content of the first, and those of its options that the second names; what that leaves nil stays.
    case update(DNSRecord, to: DNSRecord)
    /// Exactly this record; one that is gone already is a success.
    case delete(DNSRecord)

    var name: DomainName {
        switch self {
        case .create(let record), .update(_, to: let record), .delete(let record): record.name
        }
    }

    /// What is requested to be there; nil for a deletion.
    var result: DNSRecord? {
        switch self {
        case .create(let record), .update(_, to: let record): record
        case .delete: nil
        }
    }
}

extension DNSRecord {
    /// Whether both point to the same place: addresses are compared as addresses, names without case and final dot.
    package func hasContent(of other: DNSRecord) -> Bool {
        guard kind == other.kind else { return false }
        return content == other.content || Self.canonical(content, kind) == Self.canonical(other.content, kind)
    }

    fileprivate static func canonical(_ content: String, _ kind: Kind) -> String {
        switch kind {
        case .a, .aaaa: IPAddress(content)?.description ?? content
        case .cname, .ns: (try? DomainName(content))?.text ?? content.lowercased()
        case .txt: content
        }
    }
}

extension ZoneRecord {
    /// As of a `DNSRecord`.
    func hasContent(of other: ZoneRecord) -> Bool {
        guard kind == other.kind else { return false }
        return DNSRecord.canonical(content, kind) == DNSRecord.canonical(other.content, kind)
    }
}
