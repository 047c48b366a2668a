import Synchronization

/// The certificate that each lineage had when it was read last, with the bytes that it was read from: every run reads all
/// of them several times, and reading bytes takes OpenSSL a hundred times as long as comparing them.
final class ParsedCertificates: Sendable {
    private struct Entry {
        let pem: [UInt8]
        let certificate: CertificateFile
    }

    private let entries = Mutex<[String: Entry]>([:])

    func certificate(of lineage: String, in pem: [UInt8]) throws(CertificateFileError) -> CertificateFile {
        if let entry = entries.withLock({ $0[lineage] }), entry.pem == pem { return entry.certificate }
        let certificate = try CertificateFile(pem: pem)
        entries.withLock { $0[lineage] = Entry(pem: pem, certificate: certificate) }
        return certificate
    }

    /// Those of lineages that are gone take memory for nothing.
    func keep(only lineages: Set<String>) {
        entries.withLock { $0 = $0.filter { lineages.contains($0.key) } }
    }
}
