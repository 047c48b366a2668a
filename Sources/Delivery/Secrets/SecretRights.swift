import Docker
package import Model

/// Which certificates services may get as secrets: with a secret goes a private key, and a label alone must not give it to
/// anybody whose hosts it is not for.
package struct SecretRights: Sendable {
    /// Service ID → the hosts that it alone requests, or requested first, for an hour at least.
    private let hosts: [String: Set<DomainName>]
    /// Service ID → the certificates of the hosts that it requests.
    private let lineages: [String: Set<String>]
    /// The certificates that Landfall ordered.
    private let ordered: Set<String>
    /// The hosts whose records Landfall made; nil where it makes none.
    private let served: Set<DomainName>?

    package init(
        hosts: [String: Set<DomainName>],
        lineages: [String: Set<String>],
        ordered: Set<String> = [],
        served: Set<DomainName>? = nil
    ) {
        (self.hosts, self.lineages, self.ordered, self.served) = (hosts, lineages, ordered, served)
    }

    func lineages(of service: Service) -> Set<String> { lineages[service.id] ?? [] }

    /// Why the service may not have a certificate, as a clause; nil if it may.
    func rejectionReason(_ certificate: CertificateOnDisk, for service: Service, _ permissions: [SecretPermission])
        -> String?
    {
        let lineage = certificate.lineage
        if permissions.contains(where: { $0.allows(lineage, for: service.name) }) { return nil }
        let advice = "LANDFALL_SECRET_ALLOW=\(service.name)=\(lineage) allows it"
        if let wildcard = certificate.names.first(where: \.isWildcard) {
            return "the certificate \(lineage) covers \(wildcard), and every host below it; \(advice)"
        }
        let own = hosts[service.id] ?? []
        if let other = certificate.names.first(where: { !own.contains($0) }) {
            return
                "the certificate \(lineage) covers \(other), which is not a host of this service alone, or was not an hour "
                + "ago; \(advice)"
        }
        // Another program's certificate may be for a server that no label knows of.
        let isServed = served.map { $0.isSuperset(of: certificate.names) } ?? true
        guard !certificate.names.isEmpty, ordered.contains(lineage) || isServed else {
            return "the certificate \(lineage) was not ordered by Landfall; \(advice)"
        }
        return nil
    }
}

/// A part of `LANDFALL_SECRET_ALLOW`: `CERTIFICATE` or `SERVICE=CERTIFICATE`.
package struct SecretPermission: Hashable, Sendable {
    /// Nil: every service.
    private let service: String?
    private let lineage: String

    package init?(_ text: String) {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false).map(\.trimmed)
        guard sides.count <= 2, let lineage = sides.last, LineageName.rejectionReason(of: lineage) == nil,
            sides.count == 1 || !sides[0].isEmpty
        else { return nil }
        (service, self.lineage) = (sides.count == 2 ? sides[0] : nil, lineage)
    }

    func allows(_ lineage: String, for service: String) -> Bool {
        self.lineage == lineage && (self.service == nil || self.service == service)
    }
}
