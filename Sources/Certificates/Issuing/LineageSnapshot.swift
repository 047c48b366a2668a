import Model

/// What the disk shows of a lineage at one moment, and of the lineage that certbot makes beside it when it considers the
/// name taken.
struct LineageSnapshot: Hashable {
    enum Verdict: Hashable {
        case issued(CertificateOnDisk)
        case unchanged
        /// There is something new that cannot be used; a sentence.
        case unusable(String)
    }

    let lineage: String
    let onDisk: LineageOnDisk
    let sibling: LineageOnDisk

    private static let suffix = "-0001"
}

extension LineageSnapshot {
    init(of lineage: String, in store: CertificateStore) {
        self.init(lineage: lineage, onDisk: store.read(lineage), sibling: store.read(lineage + Self.suffix))
    }

    /// The same lineage in an earlier reading of the whole store.
    func before(in seen: [String: LineageOnDisk]) -> LineageSnapshot {
        let sibling = seen[lineage + Self.suffix] ?? .absent
        return LineageSnapshot(lineage: lineage, onDisk: seen[lineage] ?? .absent, sibling: sibling)
    }

    func verdict(since before: LineageSnapshot, names: [DomainName], now: Timestamp) -> Verdict {
        if sibling != before.sibling {
            return .unusable(
                "certbot stored the certificate as \(lineage)\(Self.suffix) because of what is left of an earlier \(lineage)"
            )
        }
        guard onDisk != before.onDisk else { return .unchanged }
        switch onDisk {
        case .usable(let certificate) where certificate.fingerprint == before.onDisk.usable?.fingerprint:
            return .unchanged
        case .usable(let certificate): return Self.verdict(on: certificate, names: names, now: now)
        case .keyMismatch: return .unusable("the new certificate's private key does not belong to it")
        case .unreadable(let sentence): return .unusable(sentence)
        case .absent, .halfWritten: return .unusable("live/\(lineage) has disappeared")
        }
    }

    private static func verdict(on certificate: CertificateOnDisk, names: [DomainName], now: Timestamp) -> Verdict {
        if let missing = names.first(where: { name in !certificate.names.contains { $0.covers(name) } }) {
            return .unusable("the new certificate does not cover \(missing)")
        }
        guard certificate.notAfter > now else { return .unusable("the new certificate is no longer valid") }
        return .issued(certificate)
    }
}
