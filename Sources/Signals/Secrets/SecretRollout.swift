import Docker
import Model
import Report

/// One run's deliveries of certificates as secrets.
struct SecretRollout {
    /// Of one secret, as the Swarm has it.
    private static let sizeLimit = 500 * 1000

    private let engine: EngineClient
    private let notes: SecretStore
    private let instance: String
    /// Lineage → what is on disk.
    private let prints: [String: Fingerprint]
    /// Name → id, of the secrets that there are.
    private var known: [String: String]
    /// The names of the secrets that services are to have.
    private(set) var wanted: Set<String> = []

    init(
        engine: EngineClient,
        notes: SecretStore,
        instance: String,
        prints: [String: Fingerprint],
        secrets: [SwarmSecret]
    ) {
        (self.engine, self.notes, self.instance, self.prints) = (engine, notes, instance, prints)
        known = secrets.reduce(into: [:]) { $0[$1.name] = $1.id }
    }

    /// Brings a service what it asks for.
    ///
    /// - Parameters:
    ///   - own: the certificates of its own hosts.
    ///   - read: the files of a certificate; the error is a clause. Nil: it is only told what would be done.
    mutating func serve(
        _ service: Service,
        own: Set<String>,
        _ read: ((String) -> Observation<CertificatePair>)?
    ) async -> SecretReport {
        func result(_ outcome: Outcome, isInProgress: Bool = false) -> SecretReport {
            SecretReport(service: service.name, outcome: outcome, isInProgress: isInProgress)
        }
        do {
            let lineages = try SecretLabel(service.labels[SecretLabel.key] ?? "").lineages(own: own)
            var files: [String: String] = [:]
            for (target, lineage) in lineages {
                guard let print = prints[lineage] else {
                    return result(.failed("there is no certificate \(lineage) yet"))
                }
                files["\(target).crt"] = SecretName.certificate(print)
                files["\(target).key"] = SecretName.key(print)
            }
            wanted.formUnion(files.values)
            switch SecretDecision(service, wanted: files, tried: notes[service.id]) {
            case .keep: return result(.unchanged, isInProgress: service.updateState == "updating")
            case .wait: return result(.unchanged, isInProgress: true)
            case .refuse(let reason): return result(.refused(reason))
            case .fail(let reason): return result(.failed(reason))
            case .update:
                let needed = Set(lineages.values).sorted()
                guard let read else { return result(.changed("give \(needed.joined(separator: ", ")) as secrets")) }
                for lineage in needed { try await make(lineage, read) }
                guard try await give(files, to: service) else { return result(.unchanged, isInProgress: true) }
                return result(.changed("given \(needed.joined(separator: ", ")) as secrets"), isInProgress: true)
            }
        } catch let error as SecretLabelError {
            return result(.refused(error.reason))
        } catch {
            return result(.failed("\(error)"))
        }
    }

    /// - Returns: whether the service was still as it had been seen; its change asks for a run by itself.
    private func give(_ files: [String: String], to service: Service) async throws -> Bool {
        let references = files.sorted { $0.key < $1.key }.map { file, name in
            SecretFile(file: file, name: name, id: known[name] ?? "")
        }
        let before = notes[service.id]
        // Before the update: whatever becomes of it, it was tried.
        notes.note(files, for: service.id)
        guard try await engine.update(service, files: references) == .made else {
            notes.note(before, for: service.id)
            return false
        }
        return true
    }

    /// Makes the secrets of a certificate that are not there.
    private mutating func make(
        _ lineage: String,
        _ read: (String) -> Observation<CertificatePair>
    ) async throws {
        let seen = read(lineage)
        guard let pair = seen.value else { throw Unread(description: seen.reason ?? "it cannot be read") }
        guard pair.fingerprint == prints[lineage] else {
            throw Unread(description: "the certificate \(lineage) is being replaced on disk")
        }
        let labels = [SecretName.label: instance, "landfall.secret.certificate": lineage]
        let parts = [
            (SecretName.certificate(pair.fingerprint), Secret(pair.chain)),
            (SecretName.key(pair.fingerprint), pair.key),
        ]
        for (name, content) in parts where known[name] == nil {
            guard content.revealed.utf8.count <= Self.sizeLimit else {
                throw SecretLabelError(reason: "the certificate \(lineage) is larger than the 500 kB of a secret")
            }
            known[name] = try await engine.createSecret(name, labels: labels, content: content)
        }
    }

    private struct Unread: Error, CustomStringConvertible {
        let description: String
    }
}

extension SecretLabel {
    /// Target → certificate.
    fileprivate func lineages(own: Set<String>) throws(SecretLabelError) -> [String: String] {
        var lineages: [String: String] = [:]
        for wish in wishes {
            if let lineage = wish.lineage {
                lineages[wish.target] = lineage
            } else if own.count == 1, let lineage = own.first {
                lineages[wish.target] = lineage
            } else {
                let found = own.isEmpty ? "no certificate" : own.sorted().joined(separator: " and ")
                throw SecretLabelError(
                    reason: "the service's hosts have \(found), so it must name one: \(wish.target)=CERTIFICATE"
                )
            }
        }
        return lineages
    }
}
