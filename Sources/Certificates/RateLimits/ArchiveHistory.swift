import Crypto
import Model
import Ports

/// Rebuilds one authority's recent orders from certbot's archive: `archive/NAME/cert1.pem`, `cert2.pem` and so on.
struct ArchiveHistory: Sendable {
    /// Authorities date a certificate back by about this much (https://letsencrypt.org/docs/faq/).
    private static let antedating = Duration.hours(1)

    let directory: String
    let server: String
    let files: any Files

    /// Unavailable when the folders cannot be read; a file that is missing or no certificate does not count.
    func orders(since start: Timestamp) -> Observation<[OrderRecord]> {
        do throws(FileError) {
            var orders: [OrderRecord] = []
            for file in try files.listIfPresent("\(directory)/renewal", for: .run) ?? [] {
                guard let lineage = RenewalConfiguration.lineage(ofFile: file) else { continue }
                let text = try files.text(of: "\(directory)/renewal/\(file)", for: .certificate(lineage))
                guard RenewalConfiguration.server(in: text) == server else { continue }
                orders += try self.orders(of: lineage, since: start)
            }
            return .known(orders)
        } catch {
            return .unavailable(reason: "the stored orders are lost and cannot be rebuilt: \(error)")
        }
    }

    /// The newest first.
    private func orders(of lineage: String, since start: Timestamp) throws(FileError) -> [OrderRecord] {
        let present = try files.listIfPresent("\(directory)/archive/\(lineage)", for: .certificate(lineage)) ?? []
        var issued: [(names: Set<DomainName>, at: Timestamp)] = []
        for number in present.compactMap(Self.number).sorted(by: >) {
            guard let certificate = try read(number, of: lineage) else { break }
            issued.append(certificate)
            if certificate.at <= start { break }
        }
        let before = issued.dropFirst().map { Optional($0.names) } + [nil]
        return zip(issued, before).filter { $0.0.at > start }.map { certificate, before in
            OrderRecord(
                lineage: lineage,
                names: Array(certificate.names),
                placed: certificate.at,
                isRenewal: certificate.names == before,
                state: .issued
            )
        }
    }

    private func read(_ number: Int, of lineage: String) throws(FileError) -> (names: Set<DomainName>, at: Timestamp)? {
        let path = "\(directory)/archive/\(lineage)/cert\(number).pem"
        let scope = Scope.certificate(lineage)
        let pem = try files.read(path, limit: certbotFileLimit, for: scope)
        let changed = try files.information(path, for: scope).modified
        guard let certificate = try? CertificateFile(pem: pem) else { return nil }
        // The file's own date is exact, unless the store was copied.
        let latest = certificate.notBefore + .days(1)
        let isOriginal = certificate.notBefore <= changed && changed <= latest
        let at = isOriginal ? changed : certificate.notBefore + Self.antedating
        return (Set(certificate.names), at)
    }

    private static func number(of file: String) -> Int? {
        guard file.hasPrefix("cert"), file.hasSuffix(".pem") else { return nil }
        return Int(file.dropFirst("cert".count).dropLast(".pem".count))
    }
}
