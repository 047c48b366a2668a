import Model
import Ports

/// What certbot's archive tells of the orders of the recent past: `archive/NAME/cert1.pem`, `cert2.pem` and so on, of the
/// lineages that `renewal/NAME.conf` says are one authority's.
struct ArchiveHistory: Sendable {
    private static let fileLimit = 256 << 10
    /// Authorities date a certificate back by about as much (https://letsencrypt.org/docs/faq/), so that a client's slow
    /// clock does not matter.
    private static let antedating = Duration.hours(1)

    let directory: String
    let server: String
    let files: any Files

    /// Unavailable when the folders cannot be read; what is not there, or is no certificate, tells nothing.
    func entries(since start: Timestamp) -> Observation<[OrderRecord]> {
        do throws(FileError) {
            var entries: [OrderRecord] = []
            for file in try list("renewal", for: .run) where file.hasSuffix(".conf") {
                let lineage = String(file.dropLast(".conf".count))
                if try isServers(lineage) { entries += try self.entries(of: lineage, since: start) }
            }
            return .known(entries)
        } catch {
            return .unavailable(reason: "the ledger of orders is lost, and cannot be made anew: \(error)")
        }
    }

    private func isServers(_ lineage: String) throws(FileError) -> Bool {
        let path = "\(directory)/renewal/\(lineage).conf"
        let text = String(
            decoding: try files.read(path, limit: Self.fileLimit, for: .certificate(lineage)),
            as: UTF8.self
        )
        return text.split(whereSeparator: \.isNewline).contains { line in
            let sides = line.split(separator: "=", maxSplits: 1).map(\.trimmed)
            return sides.count == 2 && sides[0] == "server" && sides[1] == server
        }
    }

    /// The newest first.
    private func entries(of lineage: String, since start: Timestamp) throws(FileError) -> [OrderRecord] {
        let numbers = try list("archive/\(lineage)", for: .certificate(lineage)).compactMap(Self.number).sorted(by: >)
        var entries: [OrderRecord] = []
        var later: Issued?
        for number in numbers {
            let issued = try read(number, of: lineage)
            if let later {
                entries.append(later.entry(of: lineage, isRenewal: later.names == issued?.names))
            }
            guard let issued, issued.at > start else { return entries }
            later = issued
        }
        return later.map { entries + [$0.entry(of: lineage, isRenewal: false)] } ?? entries
    }

    private struct Issued {
        let names: Set<DomainName>
        let at: Timestamp

        func entry(of lineage: String, isRenewal: Bool) -> OrderRecord {
            OrderRecord(lineage: lineage, names: Array(names), placed: at, isRenewal: isRenewal, state: .issued)
        }
    }

    private func read(_ number: Int, of lineage: String) throws(FileError) -> Issued? {
        let path = "\(directory)/archive/\(lineage)/cert\(number).pem"
        let scope = Scope.certificate(lineage)
        let pem = try files.read(path, limit: Self.fileLimit, for: scope)
        let changed = try files.information(path, for: scope).modified
        guard let certificate = try? CertificateFile(pem: pem) else { return nil }
        // The file's own date is exact, unless the store was copied.
        let latest = certificate.notBefore + .days(1)
        let isOriginal = certificate.notBefore <= changed && changed <= latest
        let at = isOriginal ? changed : certificate.notBefore + Self.antedating
        return Issued(names: Set(certificate.names), at: at)
    }

    private static func number(of file: String) -> Int? {
        guard file.hasPrefix("cert"), file.hasSuffix(".pem") else { return nil }
        return Int(file.dropFirst("cert".count).dropLast(".pem".count))
    }

    private func list(_ folder: String, for scope: Scope) throws(FileError) -> [String] {
        do throws(FileError) {
            return try files.list("\(directory)/\(folder)", for: scope)
        } catch .missing {
            return []
        }
    }
}
