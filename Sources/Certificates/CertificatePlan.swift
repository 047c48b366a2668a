import DNS
package import Model
package import Report

/// What one run would do to the certificates, lineage by lineage.
package struct CertificatePlan: Hashable, Sendable {
    package private(set) var steps: [CertificateStep]
    /// Why orders wait for what they have in common, a sentence each.
    package let holdReasons: [String]
    /// By lineage, a sentence about its files that a person should know.
    private(set) var warnings: [String: String] = [:]
    /// What a person should know of the orders.
    package private(set) var hints: [Hint] = []
    /// What the disk held; nil where it was not read.
    private(set) var onDisk: [String: LineageOnDisk]?
    /// What is to be remembered of lineages; nil forgets one.
    private(set) var originChanges: [String: LineageOrigin?] = [:]
    /// Which services request a lineage, where that has changed; nil forgets it.
    private(set) var requesterChanges: [String: [String]?] = [:]
    private(set) var isEmptyStoreConfirmed = false
    /// Whether the time of this run is one to compare later ones with.
    private(set) var isClockBelieved = true
}

/// What one run would do about one lineage, or about some of its names.
package struct CertificateStep: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// There is none, or not for these names, or not with its key; a clause that says which.
        case issue(String)
        case renew(notAfter: Timestamp)
        case keep(notAfter: Timestamp)
        /// Landfall ordered it, and no host requests it any longer: it is neither renewed nor deleted.
        case leave(notAfter: Timestamp)
        /// Not ordered by policy; a clause that says why.
        case refuse(String)
        /// Cannot be ordered now; a clause that says why.
        case wait(String)
    }

    /// The name under `live/`.
    package let lineage: String
    package let names: [DomainName]
    /// The hosts that use it: the names themselves, or, of a wildcard, the hosts that asked for it.
    package let hosts: [DomainName]
    package private(set) var action: Action
    /// The lineage whose certificate serves the names instead; nil where it is this one.
    package private(set) var coveredBy: String?
    /// When it is to be renewed, and why then; nil where there is none to renew.
    package private(set) var renewal: Renewal?
    /// Sentences about the present certificate that a person may want to know.
    package private(set) var remarks: [String] = []
    /// The services that request it, `service web`.
    private(set) var requesters: [String] = []
    /// The authority's profile that its labels name.
    private(set) var profile: String?
    /// Whether a label gives its name.
    private(set) var isShared = false
    /// Names that are requested too, and left out of the order because they would make it fail.
    private(set) var leftOut: [DomainName] = []
    /// Whether nothing but a person can help, who is reminded every day.
    private(set) var needsPerson = false
    /// Whether other services have hosts in its domains too.
    private(set) var sharesDomain = false
    /// The zones in which its challenges are published, as far as it is known.
    private(set) var challengeZones: Set<DomainName> = []
    /// Whether it only says that a request is rejected: the certificate of the lineage, if any, is another request's.
    private(set) var isRejection = false

    package struct Renewal: Hashable, Sendable {
        package let at: Timestamp
        /// A clause that follows the time.
        package let rule: String
    }

    /// The lineage whose certificate serves the names; nil when the request was rejected.
    var usedLineage: String? { isRejection ? nil : coveredBy ?? lineage }

    static func rejection(
        lineage: String,
        names: [DomainName],
        hosts: [DomainName]? = nil,
        _ reason: String
    ) -> CertificateStep {
        var step = CertificateStep(lineage: lineage, names: names, hosts: hosts ?? names, action: .refuse(reason))
        step.isRejection = true
        return step
    }

    func sharing(_ sharesDomain: Bool) -> CertificateStep {
        var step = self
        step.sharesDomain = sharesDomain
        return step
    }

    func publishing(in zones: [DomainName: DomainName]) -> CertificateStep {
        var step = self
        step.challengeZones = Set(names.compactMap { zones[$0] })
        return step
    }

    func with(_ action: Action) -> CertificateStep {
        var step = self
        step.action = action
        return step
    }

    /// A reason with the names that make the order of all fail, and what would help.
    func blaming(_ culprits: [DomainName], _ reason: String) -> String {
        let culprits = names.filter { culprits.contains($0.withoutWildcard) }
        guard !culprits.isEmpty, culprits.count < names.count else { return reason }
        return "\(Self.blame(culprits, in: lineage, isShared: isShared)): \(reason)"
    }

    static func blame(_ culprits: [DomainName], in lineage: String, isShared: Bool, _ consequence: String = "")
        -> String
    {
        let advice = isShared ? " (`landfall.certificate: each` gives a name a certificate of its own)" : ""
        return "\(named(culprits.map(\.text))) holds up live/\(lineage)\(consequence)\(advice)"
    }

    func leavingOut(_ names: [DomainName]) -> CertificateStep {
        var step = self
        step.leftOut = names
        return step
    }

    /// Waits for what keeps it from being ordered, if anything does.
    func waiting(for hold: Hold?) -> CertificateStep {
        guard let hold else { return self }
        var step = with(.wait(hold.reason))
        step.needsPerson = hold.needsPerson
        return step
    }

    /// Why a step waits.
    struct Hold: Hashable {
        /// A clause.
        private(set) var reason: String
        var needsPerson = false

        func with(_ reason: String) -> Hold { Hold(reason: reason, needsPerson: needsPerson) }
    }

    /// Whether certbot is needed.
    package var isOrder: Bool {
        switch action {
        case .issue, .renew: true
        case .keep, .leave, .refuse, .wait: false
        }
    }

    /// Whether the certificate on disk, if any, is not the one that is wanted.
    var lacksCertificate: Bool { if case .refuse = action { !isRejection } else { isOrder } }

    /// - Parameter result: of its order, when it was one.
    func outcome(_ result: IssuanceResult?) -> Outcome {
        switch (action, result) {
        case (.renew, .issued(let certificate, let warning)?): .changed("renewed", certificate, warning)
        case (_, .issued(let certificate, let warning)?): .changed("issued", certificate, warning)
        case (_, .failed(let error)?): .failed(blaming(error.culprits, error.reason))
        case (.refuse(let reason), nil): .refused(reason)
        case (.wait(let reason), nil): .failed(reason)
        case (.keep, nil), (.leave, nil), (.issue, nil), (.renew, nil): .unchanged
        }
    }
}

extension Outcome {
    fileprivate static func changed(_ verb: String, _ certificate: CertificateOnDisk, _ warning: String?) -> Outcome {
        .changed("\(verb), valid until \(certificate.notAfter.day)" + (warning.map { "; \($0)" } ?? ""))
    }
}

extension CertificateStep {
    init(lineage: String, names: [DomainName], action: Action) {
        self.init(lineage: lineage, names: names, hosts: names, action: action)
    }
}

extension CertificatePlan {
    package init(steps: [CertificateStep]) { self.init(steps: steps, holdReasons: []) }

    /// Lets orders wait whose challenges a full zone has no room for.
    func holding(_ full: FullZones) -> CertificatePlan {
        guard !full.entries.isEmpty else { return self }
        var plan = self
        plan.steps = steps.map { $0.holding(full) }
        return plan
    }

    /// Whether a challenge of an order is to be published in one of the zones.
    package func publishes(in zones: Set<DomainName>) -> Bool {
        steps.contains { $0.isOrder && !$0.challengeZones.isDisjoint(with: zones) }
    }

    /// Whether certbot is needed.
    package var hasOrders: Bool { steps.contains(where: \.isOrder) }

    package var report: [CertificateReport] {
        report(present: onDisk ?? [:], warnings, results: nil)
    }

    /// - Parameter results: of its orders; nil of a plan.
    func report(
        present: [String: LineageOnDisk],
        _ warnings: [String: String],
        results: [CertificateStep: IssuanceResult]?
    ) -> [CertificateReport] {
        steps.map { step in
            let needsPerson = results?[step]?.error?.needsPerson ?? step.needsPerson
            let certificate = step.usedLineage.flatMap { present[$0]?.usable }.flatMap { $0.serves(step) ? $0 : nil }
            let (action, reason) = step.action.inReport
            return CertificateReport(
                lineage: step.lineage,
                names: step.names,
                hosts: step.hosts,
                action: action,
                reason: reason,
                outcome: results.map { step.outcome($0[step]) } ?? step.action.planned,
                fingerprint: certificate?.fingerprint,
                notBefore: certificate?.notBefore,
                notAfter: certificate?.notAfter,
                renewFrom: step.renewal?.at,
                rule: step.renewal?.rule,
                servedBy: step.coveredBy,
                remarks: step.remarks,
                warning: step.usedLineage.flatMap { warnings[$0] },
                needsPerson: needsPerson ? true : nil
            )
        }
    }
}

extension CertificateOnDisk {
    /// Whether it covers one of the names at least: of names that are left out of it, it does not.
    fileprivate func serves(_ step: CertificateStep) -> Bool {
        step.names.contains { name in names.contains { $0.covers(name) } }
    }
}

extension CertificateStep.Action {
    /// The outcome that a run would have.
    package var planned: Outcome {
        switch self {
        case .issue(let reason): .changed("issue: \(reason)")
        case .renew(let notAfter): .changed("renew: valid until \(notAfter.day)")
        case .keep, .leave: .unchanged
        case .refuse(let reason): .refused(reason)
        case .wait(let reason): .failed(reason)
        }
    }

    fileprivate var inReport: (action: CertificateReport.Action, reason: String?) {
        switch self {
        case .issue(let reason): (.issue, reason)
        case .renew: (.renew, nil)
        case .keep: (.keep, nil)
        case .leave: (.leave, nil)
        case .refuse(let reason): (.refuse, reason)
        case .wait(let reason): (.wait, reason)
        }
    }
}
