package import Model

/// What is known about one name, and what a run would do about it: `landfall explain --json` prints it.
package struct Explanation: Sendable, Codable {
    /// A label that requests the name.
    package struct Asker: Sendable, Codable {
        package let origin: Origin
        package let label: String
        /// The part of a proxy's declaration that names it: ``Host(`www.example.test`)``; nil of a label of Landfall's own.
        package let part: String?
        /// `the public address`, `A 198.51.100.7`, `CNAME origin.example.net` or `no record`
        package let record: String
        /// `its own`, `shared as web`, `a wildcard's` or `none`
        package let certificate: String
        /// Why, if a proxy's declaration says it.
        package let reason: String?

        package init(
            origin: Origin,
            label: String,
            part: String? = nil,
            record: String,
            certificate: String,
            reason: String? = nil
        ) {
            (self.origin, self.label, self.part, self.record) = (origin, label, part, record)
            (self.certificate, self.reason) = (certificate, reason)
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

    /// Where the name is in a view, and what is there.
    package struct Place: Sendable, Codable {
        /// Nil where it is in no zone of the view that may be changed.
        package let zone: DomainName?
        package let provider: String?
        /// Nil where that could not be read.
        package let current: [Record]?

        package init(zone: DomainName?, provider: String?, current: [Record]?) {
            (self.zone, self.provider, self.current) = (zone, provider, current)
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
    /// The same of the internal view; nil where there is none.
    package var inside: Place?
    package var records: [RecordReport] = []
    package var certificates: [CertificateReport] = []
    /// How much is used of the authority's limits that its certificates count for; empty where none are known.
    package var limits: [RateLimitUsage] = []
    /// Whether it is served at the endpoints that are asked.
    package var serving: [ServingReport] = []
    /// Whether a mount keeps its certificate from a server.
    package var isHidden = false
    /// Rejected labels that name it, or that belong to the services that request it.
    package var refusals: [Refusal] = []
    /// What prevents it, or would bring it about; a sentence each.
    package var hints: [String] = []
    /// Similar names that are requested, where it is not.
    package var similar: [DomainName] = []
    /// What could not be read, a sentence each.
    package var problems: [String] = []
    /// Whether nothing is done at all, whatever is decided.
    package var isDryRun: Bool?
    /// The source that has to be accepted before anything is done.
    package var awaitedSource: String?

    private enum CodingKeys: String, CodingKey {
        case name, askers, zone, provider, current = "standing", inside = "internal", records, certificates, limits,
            serving
        case refusals, hints, similar, problems, isDryRun, awaitedSource, isHidden = "hidden"
    }

    package init(_ name: DomainName) { self.name = name }
}

extension Explanation {
    /// What the next run will do about the name. Made of the same decisions as a plan's lines.
    package var verdict: String {
        let parts = [
            ("record", Part(records.map { Part($0.action, $0.reason) })),
            ("certificate", Part(certificates.map { Part($0.action, $0.reason) })),
        ]
        let changing = parts.filter { $0.1 == .changes }.map(\.0)
        let blocked = parts.filter { $0.1.isBlocked }
        if !changing.isEmpty {
            if isDryRun == true { return "LANDFALL_DRY_RUN is on, so nothing will happen" }
            if let awaitedSource {
                return "nothing will happen until `landfall once --accept-source \(awaitedSource)` accepts it"
            }
            guard let (name, part) = blocked.first else { return "the next run changes it" }
            return "the next run changes the \(changing.joined(separator: " and the ")); the \(name) \(part.clause)"
        }
        if let (_, worst) = blocked.max(by: { $0.1.rank < $1.1.rank }) {
            return switch worst {
            case .refused: "nothing will happen until you fix what is refused"
            case .waits(let reason?): "nothing will happen yet: \(reason)"
            default: "nothing will happen yet"
            }
        }
        if serving.contains(where: { !$0.isServed }) { return "its certificate is issued, but not served" }
        if isHidden { return "all is up to date, but a server cannot see new certificates, as the hint says" }
        guard askers.isEmpty else { return "everything is up to date" }
        return problems.isEmpty
            ? "nothing will happen, because no label requests this name"
            : "no label seems to request this name, but not everything could be read"
    }

    /// What is decided about all records, or all certificates, of a name.
    private enum Part: Equatable {
        case nothing, changes, held
        case waits(String?)
        case refused

        init(_ action: RecordReport.Action, _ reason: String?) {
            switch action {
            case .create, .update, .delete: self = .changes
            case .keep: self = .nothing
            case .hold: self = .held
            case .wait: self = .waits(reason)
            case .refuse: self = .refused
            }
        }

        init(_ action: CertificateReport.Action, _ reason: String?) {
            switch action {
            case .issue, .renew: self = .changes
            case .keep, .leave: self = .nothing
            case .wait: self = .waits(reason)
            case .refuse: self = .refused
            }
        }

        /// One change is news, whatever is held beside it.
        init(_ parts: [Part]) {
            self = parts.contains(.changes) ? .changes : parts.max { $0.rank < $1.rank } ?? .nothing
        }

        var rank: Int {
            switch self {
            case .nothing, .changes: 0
            case .held: 1
            case .waits: 2
            case .refused: 3
            }
        }

        var isBlocked: Bool { rank > 0 }

        var clause: String {
            switch self {
            case .refused: "is refused until you fix it"
            case .waits(let reason?): "waits: \(reason)"
            case .waits(nil), .held, .nothing, .changes: "stays as it is for now"
            }
        }
    }
}
