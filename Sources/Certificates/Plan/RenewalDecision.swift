import Model

/// Whether what is on disk serves the names asked for, and for how long still.
enum RenewalDecision: Hashable {
    case no(CertificateOnDisk, RenewalTime)
    /// A new certificate is needed; a clause that says why.
    case issue(String)
    case renew(CertificateOnDisk, RenewalTime)
    /// Nothing may be ordered; a clause that says why.
    case refuse(String)

    init(_ names: [DomainName], of lineage: String, onDisk: LineageOnDisk, now: Timestamp, in world: PlannerContext) {
        if let trouble = Self.clockTrouble(onDisk, now: now) {
            self = .refuse(trouble)
            return
        }
        let isOurs = world.past[lineage] == LineageStore.LineageOrigin.ordered.rawValue
        let due = Self.judge(names, onDisk, isOurs: isOurs, now, world)
        guard due.isOrder, let trouble = world.clockTrouble else {
            self = due
            return
        }
        self = .refuse(trouble)
    }

    private static func judge(
        _ names: [DomainName],
        _ onDisk: LineageOnDisk,
        isOurs: Bool,
        _ now: Timestamp,
        _ world: PlannerContext
    ) -> RenewalDecision {
        switch onDisk {
        case .absent: .issue("there is none yet")
        case .keyMismatch: .issue("the private key beside it belongs to another certificate")
        case .unreadable(let sentence): .refuse("\(sentence); nothing is ordered for what may be there")
        case .halfWritten(_, isBlank: true) where isOurs:
            .issue("there is none yet, only remains of an interrupted certbot, which go first")
        case .halfWritten(let path, _):
            .refuse("an interrupted certbot left \(path); remove it, or certbot stores the next one under another name")
        case .usable(let certificate): judge(names, certificate, now, world)
        }
    }

    private static func judge(
        _ names: [DomainName],
        _ certificate: CertificateOnDisk,
        _ now: Timestamp,
        _ world: PlannerContext
    ) -> RenewalDecision {
        let missing = names.filter { name in !certificate.names.contains { $0.covers(name) } }
        guard missing.isEmpty else { return .issue("it does not cover \(missing.map(\.text).joined(separator: ", "))") }
        guard !StagingServers.contains(certificate.server) || StagingServers.contains(world.server) else {
            return .issue("it is from a staging authority, which no browser trusts")
        }
        let time = RenewalTime(of: certificate, suggested: certificate.renewalID.flatMap { world.windows[$0] })
        return time.at <= now ? .renew(certificate, time) : .no(certificate, time)
    }

    private var isOrder: Bool {
        switch self {
        case .issue, .renew: true
        case .no, .refuse: false
        }
    }

    /// A machine whose clock was not set yet would see every certificate as new, or none as valid.
    private static func clockTrouble(_ onDisk: LineageOnDisk, now: Timestamp) -> String? {
        guard now >= earliestBelievable else { return "this machine's clock says \(now.day), which cannot be" }
        switch onDisk {
        case .usable(let certificate), .keyMismatch(let certificate):
            guard certificate.notBefore - now > .seconds(86_400) else { return nil }
            return "this machine's clock says \(now.day), yet the certificate is from \(certificate.notBefore.day)"
        default: return nil
        }
    }

    /// 2024-01-01: no program of ours is older.
    private static let earliestBelievable = Timestamp(seconds: 1_704_067_200)
}
