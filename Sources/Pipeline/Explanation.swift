public import Model

/// All that there is to know about one name, and what a run would do about it: what `landfall explain --json` prints.
public struct Explanation: Sendable, Codable {
    /// A label that asks for the name.
    public struct Asker: Sendable, Codable {
        public let origin: Origin
        public let label: String
        /// `the public address`, `A 198.51.100.7`, `CNAME origin.example.net` or `no record`
        public let record: String
        /// `its own`, `shared as web`, `a wildcard's` or `none`
        public let certificate: String
    }

    /// A record at the name.
    public struct Record: Sendable, Codable {
        public let type: String
        public let content: String
        public let ttl: Int?
        public let proxied: Bool?
        public let comment: String?
        /// The instance of Landfall that made it; nil where it bears nobody's mark.
        public let instance: String?
        public let isOurs: Bool
    }

    /// The name that is served, which may be the one asked for below DEFAULT_DOMAIN.
    public let name: DomainName
    public let askers: [Asker]
    /// Nil where it lies in none that may be touched.
    public let zone: DomainName?
    public let provider: String?
    /// Nil where nobody could look.
    public let standing: [Record]?
    public let records: [PlanDocument.Record]
    public let certificates: [PlanDocument.Certificate]
    /// Labels refused that speak of it, or of what its services want of DNS and certificates.
    /// How much is used of the authority's limits that its certificates count for; empty where none are known.
    public let limits: [RateLimitUsage]
    public let refusals: [Refusal]
    /// What keeps it from being done, or would bring it about; a sentence each.
    public let hints: [String]
    /// Names that are asked for and much like it, where it is not.
    public let similar: [DomainName]
    /// What could not be seen, a sentence each.
    public let problems: [String]
}
