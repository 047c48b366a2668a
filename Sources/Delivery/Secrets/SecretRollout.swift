import Docker
import Model
import Report
import State

/// Delivers certificates as secrets, in one run.
struct SecretRollout {
    /// The greatest size of one secret in a Swarm.
    private static let sizeLimit = 500 * 1000

    let engine: EngineClient
    let store: SecretStore
    let instance: String
    let rights: SecretRights
    let permissions: [SecretPermission]
    /// Lineage → the certificate on disk.
    let present: [String: CertificateOnDisk]
    private(set) var created: CreatedSecrets
    /// The names of the secrets that services request.
    private(set) var wanted: Set<String> = []

    /// Gives a service the secrets that it requests.
    ///
    /// - Parameter read: returns the files of a certificate, or a clause. Nil: the result only says what would be done.
    mutating func deliver(
        to service: Service,
        _ read: ((String) -> Observation<CertificatePair>)?
    ) async -> SecretReport {
        func result(_ outcome: Outcome, isInProgress: Bool = false) -> SecretReport {
            SecretReport(service: service.name, outcome: outcome, isInProgress: isInProgress)
        }
        do {
            let lineages = try SecretLabel(service.labels[SecretLabel.key] ?? "")
                .lineages(own: rights.lineages(of: service))
            var files: [String: String] = [:]
            for (target, lineage) in lineages.sorted(by: { $0.key < $1.key }) {
                guard let certificate = present[lineage] else {
                    return result(.failed("there is no certificate \(lineage) yet"))
                }
                if let reason = rights.rejectionReason(certificate, for: service, permissions) {
                    return result(.refused(reason))
                }
                files["\(target).crt"] = SecretName.certificate(certificate.fingerprint)
                files["\(target).key"] = SecretName.key(certificate.fingerprint)
            }
            let names = files.mapValues(created.name)
            wanted.formUnion(names.values)
            switch SecretDecision(service, wanted: names, tried: store.load(service.id)) {
            case .keep: return result(.unchanged, isInProgress: service.updateState == "updating")
            case .wait: return result(.unchanged, isInProgress: true)
            case .refuse(let reason): return result(.refused(reason))
            case .fail(let reason): return result(.failed(reason))
            case .update:
                let needed = Set(lineages.values).sorted()
                guard let read else { return result(.changed("give \(needed.joined(separator: ", ")) as secrets")) }
                for lineage in needed { try await create(lineage, read) }
                let names = files.mapValues(created.name)
                wanted.formUnion(names.values)
                guard try await update(service, to: names) else { return result(.unchanged, isInProgress: true) }
                return result(.changed("given \(needed.joined(separator: ", ")) as secrets"), isInProgress: true)
            }
        } catch let error as SecretRejection {
            return result(.refused(error.reason))
        } catch {
            return result(.failed("\(error)"))
        }
    }

    /// - Returns: whether it was updated; not when it has changed meanwhile, for then an event triggers another run.
    private func update(_ service: Service, to files: [String: String]) async throws -> Bool {
        let references = files.sorted { $0.key < $1.key }.map { file, name in
            SecretFile(file: file, name: name, id: created.id(of: name) ?? "")
        }
        let before = store.load(service.id)
        // Before the update: whatever its result is, it was tried.
        store.save(files, for: service.id)
        guard try await engine.update(service, files: references) == .made else {
            store.save(before, for: service.id)
            return false
        }
        return true
    }

    /// Creates the secrets of a certificate that do not exist yet.
    private mutating func create(_ lineage: String, _ read: (String) -> Observation<CertificatePair>) async throws {
        let pair: CertificatePair
        switch read(lineage) {
        case .known(let files): pair = files
        case .unavailable(let reason): throw UserFacingError(reason)
        }
        guard pair.fingerprint == present[lineage]?.fingerprint else {
            throw UserFacingError("the certificate \(lineage) is being replaced on disk")
        }
        let labels = [SecretName.label: instance, "landfall.secret.certificate": lineage]
        let parts = [
            (SecretName.certificate(pair.fingerprint), Secret(pair.chain)),
            (SecretName.key(pair.fingerprint), pair.key),
        ]
        for (name, content) in parts where !created.contains(name) {
            guard content.revealed.utf8.count <= Self.sizeLimit else {
                throw SecretRejection(reason: "the certificate \(lineage) is larger than the 500 kB of a secret")
            }
            try await created.create(name, labels: labels, content: content, by: engine)
        }
    }
}

extension SecretLabel {
    /// Returns target → certificate.
    fileprivate func lineages(own: Set<String>) throws(SecretRejection) -> [String: String] {
        var lineages: [String: String] = [:]
        for file in files {
            if let lineage = file.lineage {
                lineages[file.target] = lineage
            } else if own.count == 1, let lineage = own.first {
                lineages[file.target] = lineage
            } else {
                let found = own.isEmpty ? "no certificate" : own.sorted().joined(separator: " and ")
                throw SecretRejection(
                    reason: "the service's hosts have \(found), so it must name one: \(file.target)=CERTIFICATE"
                )
            }
        }
        return lineages
    }
}

/// What each service was last updated to, by its ID: file name → secret name. The store itself reports write errors.
struct SecretStore: Sendable {
    private let namespace: StateStore.Namespace<[String: String]>
    let created: StateStore.Namespace<CreatedSecrets.Entry>

    init(in state: StateStore) {
        namespace = StateStore.Namespace("secrets", in: state)
        created = StateStore.Namespace("created-secrets", in: state)
    }

    var isEmpty: Bool { namespace.allIfReadable().isEmpty }

    func load(_ service: String) -> [String: String]? { try? namespace.load(service) }

    func save(_ files: [String: String]?, for service: String) {
        try? namespace.commit([service: files])
    }

    func remove(allBut services: Set<String>) {
        let gone = namespace.allIfReadable().keys.filter { !services.contains($0) }
        try? namespace.commit(Dictionary(uniqueKeysWithValues: gone.map { ($0, nil) }))
    }
}
