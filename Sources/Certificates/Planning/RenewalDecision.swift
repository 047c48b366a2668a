import Model

/// Whether a lineage's certificate serves the requested names, and for how long.
enum RenewalDecision: Hashable {
    case keep(CertificateOnDisk, RenewalTime)
    /// A new certificate is needed; a clause that says why.
    case issue(String)
    case renew(CertificateOnDisk, RenewalTime)
    /// Nothing may be ordered; a clause that says why.
    case refuse(String)

    init(_ names: [DomainName], of lineage: String, onDisk: LineageOnDisk, now: Timestamp, in context: PlannerContext) {
        if let reason = Self.clockReason(onDisk, now: now) {
            self = .refuse(reason)
            return
        }
        switch onDisk {
        case .absent: self = .issue("there is no certificate yet")
        case .keyMismatch: self = .issue("its private key belongs to another certificate")
        case .unreadable(let sentence): self = .refuse("\(sentence); there may be a certificate, so none is ordered")
        case .halfWritten(_, isBlank: true) where context.origins[lineage] == .ordered:
            self = .issue("there is no certificate yet, only what an interrupted certbot left, which is removed first")
        case .halfWritten(let path, _):
            self = .refuse(
                "an interrupted certbot left \(path); remove it, or certbot stores the next certificate under another name"
            )
        case .usable(let certificate): self.init(names, by: certificate, now, context)
        }
        if isOrder, let reason = context.clockReason { self = .refuse(reason) }
    }

    private init(_ names: [DomainName], by certificate: CertificateOnDisk, _ now: Timestamp, _ context: PlannerContext)
    {
        let missing = names.filter { name in !certificate.names.contains { $0.covers(name) } }
        let time = RenewalTime(of: certificate, suggested: certificate.renewalID.flatMap { context.windows[$0] })
        if !missing.isEmpty {
            self = .issue("it does not cover \(missing.map(\.text).joined(separator: ", "))")
        } else if !StagingServers.serves(certificate, orderedFrom: context.server) {
            self = .issue("it is from a staging authority, which no browser trusts")
        } else {
            self = time.at <= now ? .renew(certificate, time) : .keep(certificate, time)
        }
    }

    var isOrder: Bool {
        switch self {
        case .issue, .renew: true
        case .keep, .refuse: false
        }
    }

    /// A machine whose clock was not set yet would see every certificate as new, or none as valid.
    private static func clockReason(_ onDisk: LineageOnDisk, now: Timestamp) -> String? {
        guard now >= earliestBelievable else { return "this machine's clock says \(now.day), which cannot be right" }
        guard let certificate = onDisk.certificate, certificate.notBefore - now > .seconds(86_400) else { return nil }
        return "this machine's clock says \(now.day), but the certificate is from \(certificate.notBefore.day)"
    }

    /// 2024-01-01, which is before Landfall's first version.
    private static let earliestBelievable = Timestamp(seconds: 1_704_067_200)
}

/// A certificate of another lineage that covers a request as well, until a sixth of its lifetime is left. Only for requests
/// that any certificate may serve: with `each`, `live/HOST` has to exist.
enum CoveringCertificate {
    static func find(
        for request: LineageRequest,
        in lineages: [String: LineageOnDisk],
        now: Timestamp,
        server: String
    ) -> CertificateOnDisk? {
        guard !request.isFixed, lineages[request.lineage] ?? .absent == .absent else { return nil }
        // A wildcard's request brings along the zone itself, which possibly no host needs.
        let needed = request.names.filter { $0.isWildcard || request.hosts.contains($0) }
        return lineages.values.compactMap(\.usable)
            .filter { certificate in
                needed.allSatisfy { name in certificate.names.contains { $0.covers(name) } }
                    && certificate.notBefore <= now + .seconds(86_400)
                    && now < RenewalTime.latest(for: certificate)
                    && StagingServers.serves(certificate, orderedFrom: server)
            }
            .max { ($0.notAfter, $1.lineage) < ($1.notAfter, $0.lineage) }
    }
}

/// ACME servers whose certificates are for tests only: no browser trusts them.
enum StagingServers {
    /// The directories of Let's Encrypt, Google Trust Services and Buypass.
    private static let known: Set<String> = [
        CertbotSettings.staging, "https://dv.acme-v02.test-api.pki.goog/directory",
        "https://api.test4.buypass.no/acme/directory",
    ]

    /// Whether a certificate serves where certificates are ordered from `server`.
    static func serves(_ certificate: CertificateOnDisk, orderedFrom server: String) -> Bool {
        guard let issuer = certificate.server, known.contains(issuer) else { return true }
        return known.contains(server)
    }
}
