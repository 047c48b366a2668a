import Model

/// An order for one certificate: a step of the plan, and what decides whether and how it is placed.
struct CertificateOrder: Hashable, Sendable {
    let step: CertificateStep
    /// Whether the authority has certified exactly these names before.
    let isRenewal: Bool
    /// Whether so little is left of the certificate in use that no rate limit holds the next one.
    let isUrgent: Bool
    /// Whether some name is on no certificate yet and the last try failed: the staging server is tried first.
    let needsStagingCheck: Bool

    var lineage: String { step.lineage }
    var names: [DomainName] { step.names }

    init(
        _ step: CertificateStep,
        at server: String,
        onDisk: [String: LineageOnDisk],
        failure: FailureRecord?,
        now: Timestamp
    ) {
        self.step = step
        let names = Set(step.names)
        // Certificates of other authorities do not count at this one.
        let certificates = onDisk.values.compactMap(\.certificate).filter { ($0.server ?? server) == server }
        isRenewal = certificates.contains { Set($0.names) == names }
        isUrgent = Self.isUrgent(step, onDisk[step.lineage]?.usable, now: now)
        let certified = Set(certificates.flatMap(\.names))
        needsStagingCheck = failure?.names == step.names && !names.isSubset(of: certified)
    }

    /// Less than a sixth of the lifetime is left.
    private static func isUrgent(_ step: CertificateStep, _ inUse: CertificateOnDisk?, now: Timestamp) -> Bool {
        guard step.isOrder, let inUse else { return false }
        return (inUse.notAfter - now) * 6 < inUse.notAfter - inUse.notBefore
    }

    /// What the rate limits count when it is placed at `now`.
    func record(at now: Timestamp) -> OrderRecord {
        OrderRecord(
            lineage: lineage,
            names: names,
            placed: now,
            isRenewal: isRenewal,
            requesters: step.requesters,
            sharesDomain: step.sharesDomain
        )
    }
}

enum IssuanceResult: Hashable, Sendable {
    /// - Parameter warning: of the user's own deploy hook.
    case issued(CertificateOnDisk, warning: String? = nil)
    case failed(IssuanceError)

    var isIssued: Bool {
        if case .issued = self { true } else { false }
    }

    var error: IssuanceError? {
        if case .failed(let error) = self { error } else { nil }
    }

    /// What the order left at the authority.
    var effect: OrderRecord.Effect {
        switch self {
        case .issued: .certificate
        case .failed(let error): error.effect
        }
    }
}

struct IssuanceError: Error, Hashable {
    /// Of what happened, in the authority's words, and what helps.
    private static let limit = 600

    /// One line for people.
    private(set) var reason: String
    let isTransient: Bool
    /// Whether it cost the authority nothing, so that the next run may try again without a pause.
    let isFree: Bool
    /// Whether it failed on Landfall's side of the validation: the pause before the next try stops growing.
    let isLocal: Bool
    /// What the order left at the authority.
    private(set) var effect: OrderRecord.Effect
    /// What the failure is about, if that is known.
    var cause = Cause.unknown

    enum Cause: Hashable {
        case unknown
        /// These names of the order, without `*.`.
        case names([DomainName])
        /// These names, which the authority never certifies.
        case refused([DomainName])
        /// These names, until a person does what the authority wants.
        case person([DomainName])
        /// What all orders have in common.
        case common
        /// What all orders of one profile have in common.
        case profile
        /// The authority does not know the account.
        case account
    }

    /// - Parameter effect: by default none where it was free, else unknown.
    init(
        _ reason: String,
        isTransient: Bool = false,
        isFree: Bool = false,
        isLocal: Bool = false,
        effect: OrderRecord.Effect? = nil,
        cause: Cause = .unknown
    ) {
        (self.reason, self.isTransient, self.isFree) = (sanitized(reason, limit: Self.limit), isTransient, isFree)
        (self.isLocal, self.effect, self.cause) = (isLocal, effect ?? (isFree ? .none : .unknown), cause)
    }

    /// The same error where it left nothing at the authority, such as at its staging server.
    func withoutEffect(_ prefix: String, _ suffix: String = "") -> IssuanceError {
        var error = self
        (error.reason, error.effect) = (sanitized("\(prefix): \(reason)\(suffix)", limit: Self.limit), .none)
        return error
    }

    /// An error before the authority was asked for anything.
    static func free(_ reason: String) -> IssuanceError { IssuanceError(reason, isFree: true) }

    static let stopped = free("Landfall stopped before it was ordered")
    /// How often in a row an order is tried that fails transiently.
    static let tries = 3

    /// The names that it is about, without `*.`; none where that is not known.
    var culprits: [DomainName] {
        switch cause {
        case .names(let names), .refused(let names), .person(let names): names
        case .unknown, .common, .profile, .account: []
        }
    }

    var isRefusal: Bool { if case .refused = cause { true } else { false } }

    var needsPerson: Bool { if case .person = cause { true } else { false } }

    /// Whether other orders would fail for it too.
    var isCommon: Bool { cause == .common || cause == .profile || cause == .account }
}
