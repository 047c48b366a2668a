public import Model
public import Report

/// What one run would do to the certificates, lineage by lineage.
public struct CertificatePlan: Hashable, Sendable {
    public let steps: [CertificateStep]
    /// What keeps everything from being ordered, a sentence; nil where nothing does.
    public let trouble: String?
    /// What the disk held; nil where nobody looked.
    let onDisk: [String: LineageOnDisk]?
    /// What is to be remembered of lineages.
    let notes: [String: String?]

    public init(steps: [CertificateStep]) {
        self.init(steps: steps, trouble: nil)
    }

    init(
        steps: [CertificateStep],
        trouble: String?,
        onDisk: [String: LineageOnDisk]? = nil,
        notes: [String: String?] = [:]
    ) {
        (self.steps, self.trouble, self.onDisk, self.notes) = (steps, trouble, onDisk, notes)
    }

    /// Whether certbot is needed.
    public var hasOrders: Bool { steps.contains(where: \.isOrder) }
}

public struct CertificateStep: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// None is there, or not for these names, or not with its key; a clause that says which.
        case issue(String)
        case renew(notAfter: Timestamp)
        case keep(notAfter: Timestamp)
        /// We ordered it, and no host asks for it any longer: it is neither renewed nor deleted.
        case leave(notAfter: Timestamp)
        /// We will not; a clause that says why.
        case refuse(String)
        /// We cannot now; a clause that says why.
        case wait(String)
    }

    /// The name under `live/`.
    public let lineage: String
    public let names: [DomainName]
    /// Those who will use it: the names themselves, or, of a wildcard, the hosts that asked for it.
    public let hosts: [DomainName]
    public let action: Action
    /// The lineage whose certificate serves them in its stead; nil where it is its own.
    public let standIn: String?
    /// From when on it is to be renewed, and why then; nil where there is none to renew.
    public let renewal: Renewal?
    /// Sentences about what is there that a person may want to know.
    public let remarks: [String]

    public struct Renewal: Hashable, Sendable {
        public let at: Timestamp
        /// A clause that follows the time.
        public let rule: String

        public init(at: Timestamp, rule: String) {
            (self.at, self.rule) = (at, rule)
        }
    }

    public init(
        lineage: String,
        names: [DomainName],
        hosts: [DomainName]? = nil,
        action: Action,
        standIn: String? = nil,
        renewal: Renewal? = nil,
        remarks: [String] = []
    ) {
        (self.lineage, self.names, self.hosts, self.action) = (lineage, names, hosts ?? names, action)
        (self.standIn, self.renewal, self.remarks) = (standIn, renewal, remarks)
    }

    /// The same names with another action.
    public func doing(_ action: Action) -> CertificateStep {
        CertificateStep(
            lineage: lineage,
            names: names,
            hosts: hosts,
            action: action,
            standIn: standIn,
            renewal: renewal,
            remarks: remarks
        )
    }
}

extension CertificatePlan {
    /// What a run would do.
    public var report: [CertificateReport] {
        report(present: onDisk ?? [:]) { $0.action.planned }
    }

    /// - Parameter present: what the disk holds now.
    func report(
        present: [String: LineageOnDisk],
        outcome: (CertificateStep) -> Outcome
    ) -> [CertificateReport] {
        steps.map { step in
            let certificate = present[step.standIn ?? step.lineage]?.usable
            return CertificateReport(
                lineage: step.lineage,
                names: step.names,
                hosts: step.hosts,
                action: step.action.word,
                reason: step.action.reason,
                outcome: outcome(step),
                fingerprint: certificate?.fingerprint,
                notBefore: certificate?.notBefore,
                notAfter: certificate?.notAfter,
                renewFrom: step.renewal?.at,
                rule: step.renewal?.rule,
                servedBy: step.standIn,
                remarks: step.remarks
            )
        }
    }
}

extension CertificateStep.Action {
    /// The outcome that a run would have.
    public var planned: Outcome {
        switch self {
        case .issue(let reason): .changed("issue: \(reason)")
        case .renew(let notAfter): .changed("renew: valid until \(notAfter.day)")
        case .keep, .leave: .unchanged
        case .refuse(let reason): .refused(reason)
        case .wait(let reason): .failed(reason)
        }
    }

    fileprivate var word: CertificateReport.Action {
        switch self {
        case .issue: .issue
        case .renew: .renew
        case .keep: .keep
        case .leave: .leave
        case .refuse: .refuse
        case .wait: .wait
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .issue(let reason), .refuse(let reason), .wait(let reason): reason
        case .renew, .keep, .leave: nil
        }
    }
}
