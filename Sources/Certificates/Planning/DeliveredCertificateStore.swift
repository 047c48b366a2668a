package import Model
import Ports
import State

/// Keeps, by lineage, the last certificate that programs were told of: a certificate that is expired or ends before it is
/// left from an earlier time, and no program should load it.
struct DeliveredCertificateStore {
    private struct Entry: Codable, Hashable {
        let fingerprint: Fingerprint
        let notAfter: Timestamp
    }

    private let namespace: StateStore.Namespace<Entry>

    init(state: StateStore) { namespace = StateStore.Namespace("delivered-certificates", in: state) }

    func isLast(_ certificate: CertificateOnDisk) -> Bool {
        (try? namespace.load(certificate.lineage))?.fingerprint == certificate.fingerprint
    }

    /// When the certificate ends that this one would replace, if programs must not be told of this one for its sake.
    func laterEnd(than certificate: CertificateOnDisk, now: Timestamp) -> Timestamp? {
        guard let last = try? namespace.load(certificate.lineage), last.fingerprint != certificate.fingerprint,
            last.notAfter > now, certificate.notAfter < last.notAfter
        else { return nil }
        return last.notAfter
    }

    /// Saves certificates as delivered, and forgets lineages that are gone. The store itself reports a failure.
    func save(_ certificates: [CertificateOnDisk], removingAllBut present: Set<String>) {
        let known = namespace.allIfReadable()
        var changes: [String: Entry?] = [:]
        for certificate in certificates {
            let entry = Entry(fingerprint: certificate.fingerprint, notAfter: certificate.notAfter)
            if known[certificate.lineage] != entry { changes[certificate.lineage] = entry }
        }
        for lineage in known.keys where !present.contains(lineage) { changes[lineage] = .some(nil) }
        guard !changes.isEmpty else { return }
        try? namespace.commit(changes)
    }

    /// Saves what Landfall itself has ordered: that is newer, whenever it ends.
    func save(_ certificate: CertificateOnDisk) {
        try? namespace.save(
            Entry(fingerprint: certificate.fingerprint, notAfter: certificate.notAfter),
            for: certificate.lineage
        )
    }
}

/// The certificates on disk that programs may be told of, and why not of others.
package struct DeliverableCertificates: Sendable {
    package private(set) var certificates: [CertificateOnDisk] = []
    /// Those that have expired since: a program that has one keeps it, but none is told of it again.
    package private(set) var expired: [CertificateOnDisk] = []
    /// By lineage, a sentence.
    package private(set) var heldBack: [String: String] = [:]
}

extension CertificateStage {
    /// Which certificates on disk programs may be told of: none that is expired, or that ends before the one it replaces.
    ///
    /// - Parameter saves: whether they count as delivered from now on.
    package func deliverable(saves: Bool) -> Observation<DeliverableCertificates> {
        let now = clock.now
        return onDisk().map { present in
            var deliverable = DeliverableCertificates()
            for certificate in present { deliverable.add(certificate, delivered, now) }
            if saves { delivered.save(deliverable.certificates, removingAllBut: Set(present.map(\.lineage))) }
            return deliverable
        }
    }
}

extension DeliverableCertificates {
    fileprivate mutating func add(
        _ certificate: CertificateOnDisk,
        _ delivered: DeliveredCertificateStore,
        _ now: Timestamp
    ) {
        let lineage = certificate.lineage
        if certificate.notAfter <= now, delivered.isLast(certificate) {
            expired.append(certificate)
        } else if certificate.notAfter <= now {
            heldBack[lineage] =
                "live/\(lineage) holds a certificate that expired on \(certificate.notAfter.day), so no program is told "
                + "of it"
        } else if let end = delivered.laterEnd(than: certificate, now: now) {
            heldBack[lineage] =
                "live/\(lineage) holds a certificate that ends on \(certificate.notAfter.day), before the one it replaces, "
                + "on \(end.day), so no program is told of it; let its links lead to the newer one in archive/\(lineage)"
        } else {
            certificates.append(certificate)
        }
    }
}
