import Model

/// What the labels ask for under one lineage's name.
struct LineageRequest: Hashable {
    let lineage: String
    /// Each once, in the order in which certbot gets them.
    let names: [DomainName]
    /// Who will use it.
    let hosts: [DomainName]
    let origins: Set<Origin>
    /// Whether it has to be there under this name, whatever else covers the hosts.
    let isFixed: Bool

    init(lineage: String, names: [DomainName], hosts: [DomainName], origins: Set<Origin>, isFixed: Bool) {
        self.isFixed = isFixed
        self.lineage = lineage
        self.names = Self.ordered(names)
        self.hosts = Self.ordered(hosts)
        self.origins = origins
    }

    /// The first name is the one that tools show for the whole certificate: never a wildcard where a plain name is.
    private static func ordered(_ names: [DomainName]) -> [DomainName] {
        Set(names).sorted { ($0.withoutWildcard.text, $0.text.count) < ($1.withoutWildcard.text, $1.text.count) }
    }

    /// "service a (a.example.test, b.example.test)".
    var description: String {
        let who = origins.map(\.description).sorted().joined(separator: ", ")
        return "\(who) (\(names.map(\.text).joined(separator: ", ")))"
    }

    /// - Parameter names: Those that the step is about, where it is not about all.
    func step(
        _ action: CertificateStep.Action,
        names: [DomainName]? = nil,
        standIn: String? = nil,
        renewal: CertificateStep.Renewal? = nil,
        remarks: [String] = []
    ) -> CertificateStep {
        let names = names ?? self.names
        // Of a wildcard's names no host may be one.
        let concerned = hosts.filter { host in names.contains { $0.covers(host) } }
        return CertificateStep(
            lineage: lineage,
            names: names,
            hosts: concerned,
            action: action,
            standIn: standIn,
            renewal: renewal,
            remarks: remarks
        )
    }
}
