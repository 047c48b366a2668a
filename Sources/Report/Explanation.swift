package import Model

/// All that is known about one name, and what a run would do about it: what `landfall explain --json` prints.
package struct Explanation: Sendable, Codable {
    /// A label that asks for the name.
    package struct Asker: Sendable, Codable {
        package let origin: Origin
        package let label: String
        /// `the public address`, `A 198.51.100.7`, `CNAME origin.example.net` or `no record`
        package let record: String
        /// `its own`, `shared as web`, `a wildcard's` or `none`
        package let certificate: String

        package init(origin: Origin, label: String, record: String, certificate: String) {
            (self.origin, self.label, self.record, self.certificate) = (origin, label, record, certificate)
        }
    }

    /// A record at the name.
    package struct Record: Sendable, Codable {
        package let type: String
        package let content: String
        package let ttl: Int?
        package let proxied: Bool?
        package let comment: String?
        /// The instance of Landfall that made it; nil where it bears no instance's mark.
        package let instance: String?
        package let isOurs: Bool

        package init(_ record: DNSRecord, instance: String?, isOurs: Bool) {
            (type, content, ttl, proxied) = (record.kind.rawValue, record.content, record.ttl, record.proxied)
            (comment, self.instance, self.isOurs) = (record.comment, instance, isOurs)
        }
    }

    /// The name that is served, which may be the one asked for below DEFAULT_DOMAIN.
    package let name: DomainName
    package let askers: [Asker]
    /// Nil where it lies in no zone that may be changed.
    package let zone: DomainName?
    package let provider: String?
    /// What DNS has at the name; nil where that could not be read.
    package let current: [Record]?
    package let records: [RecordReport]
    package let certificates: [CertificateReport]
    /// How much is used of the authority's limits that its certificates count for; empty where none are known.
    package let limits: [RateLimitUsage]
    /// Rejected labels that name it, or that belong to the services that ask for it.
    package let refusals: [Refusal]
    /// What keeps it from being done, or would bring it about; a sentence each.
    package let hints: [String]
    /// Names that are asked for and much like it, where it is not.
    package let similar: [DomainName]
    /// What could not be seen, a sentence each.
    package let problems: [String]

    private enum CodingKeys: String, CodingKey {
        case name, askers, zone, provider, current = "standing", records, certificates, limits, refusals, hints
        case similar, problems
    }

    package init(
        name: DomainName,
        askers: [Asker],
        zone: DomainName?,
        provider: String?,
        current: [Record]?,
        records: [RecordReport],
        certificates: [CertificateReport],
        limits: [RateLimitUsage],
        refusals: [Refusal],
        hints: [String],
        similar: [DomainName],
        problems: [String]
    ) {
        (self.name, self.askers, self.zone, self.provider) = (name, askers, zone, provider)
        (self.current, self.records, self.certificates, self.limits) = (current, records, certificates, limits)
        (self.refusals, self.hints, self.similar, self.problems) = (refusals, hints, similar, problems)
    }
}
