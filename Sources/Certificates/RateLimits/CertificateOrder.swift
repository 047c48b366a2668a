import Model

/// A step for which certbot is needed, as the ledger and the detour by a staging authority see it.
struct CertificateOrder: Hashable, Sendable {
    let step: CertificateStep
    /// The authority has certified exactly these names before.
    let isRenewal: Bool
    /// So little is left of the certificate in use that no limit of ours holds the next one.
    let isUrgent: Bool
    /// Some name is on no certificate yet, and the last try for these names failed: a staging authority is tried first.
    let isDoubtful: Bool

    init(
        _ step: CertificateStep,
        at server: String,
        onDisk: [String: LineageOnDisk],
        failure: FailureRecord?,
        now: Timestamp
    ) {
        self.step = step
        let names = Set(step.names)
        // What another authority certified is new to this one.
        let certificates = onDisk.values.compactMap(\.certificate).filter { ($0.server ?? server) == server }
        isRenewal = certificates.contains { Set($0.names) == names }
        isUrgent = Self.isUrgent(step, onDisk[step.lineage]?.usable, now: now)
        let proven = Set(certificates.flatMap(\.names))
        isDoubtful = failure?.names == step.names && !names.isSubset(of: proven)
    }

    /// Less than a sixth of the lifetime is left.
    private static func isUrgent(_ step: CertificateStep, _ inUse: CertificateOnDisk?, now: Timestamp) -> Bool {
        guard case .renew = step.action, let inUse else { return false }
        return (inUse.notAfter - now) * 6 < inUse.notAfter - inUse.notBefore
    }

    /// A new order at `now`.
    func entry(at now: Timestamp) -> OrderRecord {
        OrderRecord(lineage: step.lineage, names: step.names, placed: now, isRenewal: isRenewal)
    }
}
