public import Model

/// All that is known about one name, and what a run would do about it: what `landfall explain --json` prints.
public struct Explanation: Sendable, Codable {
    /// A label that asks for the name.
    public struct Asker: Sendable, Codable {
        public let origin: Origin
        public let label: String
        /// `the public address`, `A 198.51.100.7`, `CNAME origin.example.net` or `no record`
        public let record: String
        /// `its own`, `shared as web`, `a wildcard's` or `none`
        public let certificate: String

        public init(origin: Origin, label: String, record: String, certificate: String) {
            (self.origin, self.label, self.record, self.certificate) = (origin, label, record, certificate)
        }
    }

    /// A record at the name.
    public struct Record: Sendable, Codable {
        public let type: String
        public let content: String
        public let ttl: Int?
        public let proxied: Bool?
        public let comment: String?
        /// The instance of Landfall that made it; nil where it bears no instance's mark.
        public let instance: String?
        public let isOurs: Bool

        public init(_ record: DNSRecord, instance: String?, isOurs: Bool) {
            (type, content, ttl, proxied) = (record.kind.rawValue, record.content, record.ttl, record.proxied)
            (comment, self.instance, self.isOurs) = (record.comment, instance, isOurs)
        }
    }

    /// The name that is served, which may be the one asked for below DEFAULT_DOMAIN.
    public let name: DomainName
    public let askers: [Asker]
    /// Nil where it lies in no zone that may be changed.
    public let zone: DomainName?
    public let provider: String?
    /// What DNS has at the name; nil where that could not be read.
    public let current: [Record]?
    public let records: [RecordReport]
    public let certificates: [CertificateReport]
    /// How much is used of the authority's limits that its certificates count for; empty where none are known.
    public let limits: [RateLimitUsage]
    /// Rejected labels that name it, or that belong to the services that ask for it.
    public let refusals: [Refusal]
    /// What keeps it from being done, or would bring it about; a sentence each.
    public let hints: [String]
    /// Names that are asked for and much like it, where it is not.
    public let similar: [DomainName]
    /// What could not be seen, a sentence each.
    public let problems: [String]

    private enum CodingKeys: String, CodingKey {
        case name, askers, zone, provider, current = "standing", records, certificates, limits, refusals, hints
        case similar, problems
    }

    public init(
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
