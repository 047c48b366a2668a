import Model

/// What the disk shows of a lineage at one moment, and of those that certbot makes beside it when it considers the name taken:
/// NAME-0001, NAME-0002 …
struct LineageSnapshot: Hashable {
    enum Verdict: Hashable {
        case issued(CertificateOnDisk)
        case unchanged
        /// There is something new that cannot be used; a sentence.
        case unusable(String)
    }

    let lineage: String
    let onDisk: LineageOnDisk
    /// How many there are beside it, one after the other.
    let siblings: Int
    /// Nil where nothing is known of them.
    var links: LineageLinks?

    private static func sibling(_ number: Int, of lineage: String) -> String {
        let digits = "\(number)"
        return "\(lineage)-\(String(repeating: "0", count: max(0, 4 - digits.utf8.count)))\(digits)"
    }

    /// The first that is not there is the one that certbot would make. Far fewer than a hundred are ever made.
    private static func siblings(of lineage: String, _ read: (String) -> LineageOnDisk) -> Int {
        (1..<100).first { read(sibling($0, of: lineage)) == .absent }.map { $0 - 1 } ?? 99
    }
}

extension LineageSnapshot {
    init(of lineage: String, in store: CertificateStore) {
        let onDisk = store.read(lineage)
        let links = store.links(of: lineage)
        let siblings = Self.siblings(of: lineage) { store.read($0) }
        self.init(lineage: lineage, onDisk: onDisk, siblings: siblings, links: links)
    }

    /// The same lineage in an earlier reading of the whole store.
    func before(in seen: [String: LineageOnDisk]) -> LineageSnapshot {
        let siblings = Self.siblings(of: lineage) { seen[$0] ?? .absent }
        return LineageSnapshot(lineage: lineage, onDisk: seen[lineage] ?? .absent, siblings: siblings)
    }

    func verdict(since before: LineageSnapshot, names: [DomainName], now: Timestamp) -> Verdict {
        if siblings > before.siblings {
            let sibling = Self.sibling(siblings, of: lineage)
            return .unusable(
                "certbot stored the certificate as \(sibling) because of what is left of an earlier \(lineage)"
            )
        }
        guard onDisk != before.onDisk, !isRelinked(since: before) else { return .unchanged }
        switch onDisk {
        case .usable(let certificate) where certificate.fingerprint == before.onDisk.usable?.fingerprint:
            return .unchanged
        case .usable(let certificate): return Self.verdict(on: certificate, names: names, now: now)
        case .keyMismatch: return .unusable("the new certificate's private key does not belong to it")
        case .unreadable(let sentence): return .unusable(sentence)
        case .absent, .halfWritten: return .unusable("live/\(lineage) has disappeared")
        }
    }

    /// Whether certbot changed the links without a new certificate: it makes the highest of the generations that were there
    /// before current, or it was stopped between two links.
    private func isRelinked(since before: LineageSnapshot) -> Bool {
        guard let links, let former = before.links, former.current != nil else { return false }
        return links.current.map(former.generations.contains) ?? true
    }

    private static func verdict(on certificate: CertificateOnDisk, names: [DomainName], now: Timestamp) -> Verdict {
        if let missing = names.first(where: { name in !certificate.names.contains { $0.covers(name) } }) {
            return .unusable("the new certificate does not cover \(missing)")
        }
        guard certificate.notAfter > now else { return .unusable("the new certificate is no longer valid") }
        return .issued(certificate)
    }
}
