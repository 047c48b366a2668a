import Model

/// What the labels ask for under one lineage's name.
struct LineageRequest: Hashable {
    let lineage: String
    /// Each once, in the order in which certbot gets them.
    let names: [DomainName]
    let origins: Set<Origin>

    init(lineage: String, names: some Sequence<DomainName>, origins: Set<Origin>) {
        self.lineage = lineage
        // The first name is the one that tools show for the whole certificate: never a wildcard where a plain name is.
        self.names = Set(names).sorted {
            ($0.withoutWildcard.text, $0.text.count) < ($1.withoutWildcard.text, $1.text.count)
        }
        self.origins = origins
    }

    /// "service a (a.example.test, b.example.test)".
    var description: String {
        let who = origins.map(\.description).sorted().joined(separator: ", ")
        return "\(who) (\(names.map(\.text).joined(separator: ", ")))"
    }
}
