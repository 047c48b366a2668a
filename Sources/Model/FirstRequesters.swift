/// Which service requested each host, and each name of a shared certificate, first. Where several request one, its options,
/// its target and its set of names count, so that no later label changes what an earlier one has.
package struct FirstRequesters: Hashable, Sendable {
    /// By `key`; nothing where it is unknown, or where several came at once.
    private let firsts: [String: String]
    /// The keys of what a service that is away for a while requested first, or at once with one that is there.
    private let reserved: Set<String>

    /// The keys of what no service requests any more, since less than an hour ago.
    private let left: Set<String>

    package init(_ firsts: [String: String] = [:], reserved: Set<String> = [], left: Set<String> = []) {
        (self.firsts, self.reserved, self.left) = (firsts, reserved, left)
    }

    package static func key(of host: DomainName) -> String { "host \(host)" }

    package static func key(ofCertificate lineage: String) -> String { "certificate \(lineage)" }

    /// The requester of a host, as `Origin.description`; nil where it is not known which came first.
    package func first(of host: DomainName) -> String? { firsts[Self.key(of: host)] }

    package func first(ofCertificate lineage: String) -> String? { firsts[Self.key(ofCertificate: lineage)] }

    /// Whether a service that requested the host first, or at once with others, has been away for less than an hour.
    package func isReserved(_ host: DomainName) -> Bool { reserved.contains(Self.key(of: host)) }

    /// Whether the last service that requested the host has been away for less than an hour.
    package func wasLeftLately(_ host: DomainName) -> Bool { left.contains(Self.key(of: host)) }

    /// Whether another service is known to have had the host before this one.
    package func isLate(_ host: DesiredHost) -> Bool {
        first(of: host.name).map { $0 != host.origin.description } ?? false
    }

    /// The hosts of each service that are its own: that it alone requests, or requested first. One that another service had
    /// until less than an hour ago belongs to no service: that one may be deployed anew, and its private key is still in use then.
    package func ownHosts(among hosts: [DesiredHost]) -> [Origin: Set<DomainName>] {
        let origins = hosts.reduce(into: [DomainName: Set<Origin>]()) { $0[$1.name, default: []].insert($1.origin) }
        return hosts.reduce(into: [:]) { own, host in
            guard !isReserved(host.name) else { return }
            let isAlone = origins[host.name]?.count == 1
            if isAlone || first(of: host.name) == host.origin.description {
                own[host.origin, default: []].insert(host.name)
            }
        }
    }
}
