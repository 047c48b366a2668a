package import Model

/// A server, and the key that identifies Landfall to it.
package struct DNSPeer: Sendable {
    package let server: DNSServer
    package let key: TSIGKey

    package init(server: DNSServer, key: TSIGKey) { (self.server, self.key) = (server, key) }
}

/// A secret that Landfall shares with a server (RFC 8945).
package struct TSIGKey: Sendable {
    package enum Algorithm: String, Sendable, CaseIterable {
        case sha256 = "hmac-sha256"
        case sha512 = "hmac-sha512"
    }

    /// It has the form of a DNS name, but names no host.
    package let name: String
    package let algorithm: Algorithm
    /// In base64, as in a server's configuration.
    package let secret: Secret

    package init(name: String, algorithm: Algorithm, secret: Secret) {
        (self.name, self.algorithm, self.secret) = (name, algorithm, secret)
    }
}

/// A record as a zone holds it.
package struct ZoneRecord: Hashable, Sendable, Codable {
    /// Lower case, no final dot.
    package let name: String
    package let kind: DNSRecord.Kind
    /// An address; a name like `name`; for TXT its strings joined.
    package let content: String
    /// Seconds.
    package let ttl: Int

    package init(name: String, kind: DNSRecord.Kind, content: String, ttl: Int) {
        (self.name, self.kind, self.content, self.ttl) = (name, kind, content, ttl)
    }
}

/// Why a transfer or an update failed.
package enum DNSUpdateError: Error, Hashable, Sendable, Codable {
    /// Nothing was sent.
    case unreachable(reason: String)
    /// No complete answer came in time; whether the message was acted upon is unknown.
    case silent
    /// What came is no answer to the message.
    case malformed
    /// The answer lacks the key's signature, so it may be forged.
    case unsigned
    /// The zone is larger than the limit.
    case tooLarge
    /// The server refused. `code` is an RCODE (RFC 1035 §4.1.1, RFC 2136 §2.2), `keyError` what the signature's own
    /// field says (RFC 8945 §3), 0 for nothing.
    case refused(code: Int, keyError: Int)
}

/// One UPDATE message (RFC 2136 §2): all of its changes are made if all of its prerequisites hold, else none.
package struct DNSUpdate: Hashable, Sendable, CustomStringConvertible {
    package enum Prerequisite: Hashable, Sendable, CustomStringConvertible {
        /// The name has no record of the type (§2.4.3).
        case absent(name: String, type: String)
        /// The name has no records (§2.4.5).
        case unused(name: String)
        /// This is the only record of its kind at the name (§2.4.2); its ttl does not matter.
        case only(ZoneRecord)

        package var description: String {
            switch self {
            case .absent(let name, let type): "nxrrset \(name) \(type)"
            case .unused(let name): "nxdomain \(name)"
            case .only(let record): "yxrrset \(record.name) \(record.kind.rawValue) \(record.content)"
            }
        }
    }

    package enum Change: Hashable, Sendable, CustomStringConvertible {
        /// Beside others of its kind; if it exists already, its ttl is set (§2.5.1).
        case add(ZoneRecord)
        /// Exactly this one, if it exists (§2.5.4). Its ttl does not matter.
        case remove(ZoneRecord)

        package var description: String {
            switch self {
            case .add(let record): "add \(record.name) \(record.ttl) \(record.kind.rawValue) \(record.content)"
            case .remove(let record): "delete \(record.name) \(record.kind.rawValue) \(record.content)"
            }
        }
    }

    package let zone: DomainName
    package var prerequisites: [Prerequisite]
    package var changes: [Change]

    package init(zone: DomainName, prerequisites: [Prerequisite] = [], changes: [Change] = []) {
        (self.zone, self.prerequisites, self.changes) = (zone, prerequisites, changes)
    }

    /// Lines for nsupdate(1).
    package var description: String {
        (["zone \(zone)"] + prerequisites.map { "prereq \($0)" } + changes.map { "update \($0)" })
            .joined(separator: "\n")
    }
}
