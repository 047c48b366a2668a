package import Model

/// What is known about one name, and what a run would do about it: `landfall explain --json` prints it.
package struct Explanation: Sendable, Codable {
    /// A label that requests the name.
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

    /// The name that is served, which may be the requested one below DEFAULT_DOMAIN.
    package let name: DomainName
    package var askers: [Asker] = []
    /// Nil where it is in no zone that may be changed.
    package var zone: DomainName?
    package var provider: String?
    /// What DNS has at the name; nil where that could not be read.
    package var current: [Record]?
    package var records: [RecordReport] = []
    package var certificates: [CertificateReport] = []
    /// How much is used of the authority's limits that its certificates count for; empty where none are known.
    package var limits: [RateLimitUsage] = []
    /// Rejected labels that name it, or that belong to the services that request it.
    package var refusals: [Refusal] = []
    /// What prevents it, or would bring it about; a sentence each.
    package var hints: [String] = []
    /// Similar names that are requested, where it is not.
    package var similar: [DomainName] = []
    /// What could not be read, a sentence each.
    package var problems: [String] = []

    private enum CodingKeys: String, CodingKey {
        case name, askers, zone, provider, current = "standing", records, certificates, limits, refusals, hints
        case similar, problems
    }

    package init(_ name: DomainName) { self.name = name }
}
