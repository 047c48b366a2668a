import Model

/// A certificate under another lineage's name that serves a request as well.
///
/// Only for those that asked for a place in some certificate: `each` is a promise that `live/HOST` is there. What other
/// programs renew is trusted to be renewed until a sixth of its lifetime is left.
enum CoveringCertificate {
    static func find(
        for request: LineageRequest,
        in lineages: [String: LineageOnDisk],
        now: Timestamp,
        server: String
    ) -> CertificateOnDisk? {
        guard !request.isFixed, lineages[request.lineage] ?? .absent == .absent else { return nil }
        // Nobody may have asked for the zone itself, which a wildcard's request brings along.
        let needed = request.names.filter { $0.isWildcard || request.hosts.contains($0) }
        return lineages.values.compactMap(\.usable)
            .filter { certificate in
                needed.allSatisfy { name in certificate.names.contains { $0.covers(name) } }
                    && certificate.notBefore <= now + .seconds(86_400)
                    && now < RenewalTime.latest(for: certificate)
                    && (!StagingServers.contains(certificate.server) || StagingServers.contains(server))
            }
            .max { ($0.notAfter, $1.lineage) < ($1.notAfter, $0.lineage) }
    }
}
