package import Model

/// What one reading of a zone shows.
package struct ZoneContents: Sendable, Equatable {
    /// All address and alias records of hosts.
    package let records: [DNSRecord]
    package let cuts: ZoneCuts
    /// How many records of whatever kind it holds; nil where that is not known.
    package let count: Int?

    package init(_ records: [DNSRecord], cuts: ZoneCuts = ZoneCuts(), count: Int? = nil) {
        (self.records, self.cuts, self.count) = (records, cuts, count)
    }
}

/// Where a zone ends, and where its challenges lead: what decides, beside addresses, whether a name can be served from it.
package struct ZoneCuts: Sendable, Hashable {
    /// A name below the zone's own that other servers answer for, with all that is below it (RFC 1034 §4.2.1).
    package struct Delegation: Hashable, Sendable, CustomStringConvertible {
        package let name: String
        /// The names of the servers, sorted.
        package let servers: [String]

        /// `dev.example.test is delegated to ns1.example.net and ns2.example.net`
        package var description: String {
            let shown = servers.prefix(3).joined(separator: " and ") + (servers.count > 3 ? " and others" : "")
            return sanitized("\(name) is delegated to \(shown)")
        }
    }

    /// By their names, in lower case and without a final dot.
    private var delegations: [String: Delegation] = [:]
    private var aliases: [String: String] = [:]

    package init() {}

    /// Notes a record if it is an NS record below the zone's own name, or the alias of a challenge.
    package mutating func note(_ type: String, _ name: String, _ content: String, in zone: DomainName) {
        let (name, content) = (Self.canonical(name), Self.canonical(content))
        switch type {
        case "NS" where name.hasSuffix(".\(zone)"):
            let servers = Set((delegations[name]?.servers ?? []) + [content]).sorted()
            delegations[name] = Delegation(name: name, servers: servers)
        case "CNAME" where name.hasPrefix(Self.challengeLabel): aliases[name] = content
        default: break
        }
    }

    /// The delegation at or above a name, the highest one if there are several: its servers answer for what is below it.
    package func delegation(of name: String) -> Delegation? {
        guard !delegations.isEmpty else { return nil }
        var found: Delegation?
        var rest = Self.canonical(name)[...]
        while !rest.isEmpty {
            found = delegations[String(rest)] ?? found
            rest = rest.drop { $0 != "." }.dropFirst()
        }
        return found
    }

    /// The delegation by which a host's records are not served. The address of a server that a delegation names (glue) is.
    package func delegation(ofHost name: DomainName) -> Delegation? {
        delegation(of: name.text).flatMap { $0.servers.contains(name.text) ? nil : $0 }
    }

    /// What the challenge at a name is an alias of.
    package func alias(of name: String) -> String? { aliases[Self.canonical(name)] }

    private static let challengeLabel = "_acme-challenge."

    private static func canonical(_ name: String) -> String {
        let name = name.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
