public import Docker
import FoundationEssentials
public import Log
public import Model
public import State

/// Delivers certificates as secrets of the Swarm, for services whose containers share no volume with Landfall: the Swarm's
/// own store carries them to every node, and an update of the service puts them in place.
public struct SecretStage: Sendable {
    private static let room = "secrets"
    private static let sizeLimit = 500 * 1000

    private let engine: EngineClient
    private let instance: String
    private let state: StateStore
    private let log: Logger

    public init(engine: EngineClient, instance: String, state: StateStore, log: Logger) {
        (self.engine, self.instance, self.state, self.log) = (engine, instance, state, log)
    }

    /// One result per service that asks.
    ///
    /// - Parameters:
    ///   - present: the certificates on disk.
    ///   - own: service id → the certificates of its own hosts.
    ///   - read: the files of a certificate; the error is a clause.
    public func deliver(
        _ present: [CertificateOnDisk],
        own: [String: Set<String>],
        read: (String) -> Observation<CertificatePair>
    ) async -> Observation<[SecretResult]> {
        do throws(EngineError) {
            guard case .manager = try await engine.mode() else { return .known([]) }
            let services = try await engine.services()
            let callers = services.filter { $0.labels[SecretLabel.key] != nil }.sorted { $0.name < $1.name }
            guard !callers.isEmpty || isNoted else { return .known([]) }
            let secrets = try await engine.secrets(labelled: "\(SecretName.label)=\(instance)")
            var known = secrets.reduce(into: [:]) { $0[$1.name] = $1.id }
            let prints = present.reduce(into: [:]) { $0[$1.lineage] = $1.fingerprint }
            var results: [SecretResult] = []
            for service in callers where !Task.isCancelled {
                let outcome = await serve(service, prints, own[service.id] ?? [], &known, read)
                results.append(SecretResult(service: service.name, outcome: outcome))
            }
            if results.allSatisfy({ $0.outcome == .unchanged }) { await removeUnused(secrets, services) }
            forget(besides: Set(callers.map(\.id)))
            return .known(results)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    private func serve(
        _ service: Service,
        _ prints: [String: Fingerprint],
        _ own: Set<String>,
        _ known: inout [String: String],
        _ read: (String) -> Observation<CertificatePair>
    ) async -> Outcome {
        do {
            let lineages = try wanted(by: service, own, prints)
            var wanted: [String: String] = [:]
            for (target, lineage) in lineages {
                guard let print = prints[lineage] else { return .failed("there is no certificate \(lineage) yet") }
                wanted["\(target).crt"] = SecretName.certificate(print)
                wanted["\(target).key"] = SecretName.key(print)
            }
            switch SecretDecision(service, wanted: wanted, tried: tried(service.id)) {
            case .keep, .wait: return .unchanged
            case .refuse(let reason): return .refused(reason)
            case .fail(let reason): return .failed(reason)
            case .update:
                for lineage in Set(lineages.values).sorted() { try await make(lineage, &known, read) }
                let files = wanted.sorted { $0.key < $1.key }.map { file, name in
                    SecretFile(file: file, name: name, id: known[name] ?? "")
                }
                // Before the update: whatever becomes of it, it was tried.
                note(service.id, wanted)
                try await engine.update(service.id, files: files)
                return .changed("given \(Set(lineages.values).sorted().joined(separator: ", ")) as secrets")
            }
        } catch let error as SecretLabelError {
            return .refused(error.reason)
        } catch {
            return .failed("\(error)")
        }
    }

    /// Target → certificate.
    private func wanted(
        by service: Service,
        _ own: Set<String>,
        _ prints: [String: Fingerprint]
    ) throws(SecretLabelError) -> [String: String] {
        var lineages: [String: String] = [:]
        for wish in try SecretLabel(service.labels[SecretLabel.key] ?? "").wishes {
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

    /// Makes the secrets of a certificate that are not there.
    private func make(
        _ lineage: String,
        _ known: inout [String: String],
        _ read: (String) -> Observation<CertificatePair>
    ) async throws {
        guard let pair = read(lineage).value else { throw Unread(description: read(lineage).reason ?? "") }
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

    /// Removes old versions. The engine refuses what a service uses; what an update may be rolled back to is kept.
    private func removeUnused(_ secrets: [SwarmSecret], _ services: [Service]) async {
        guard !services.contains(where: \.isBeingUpdated) else { return }
        let used = Set(services.flatMap(\.secrets).map(\.name))
        for secret in secrets.filter({ !used.contains($0.name) }).sorted(by: { $0.name < $1.name }) {
            do throws(EngineError) {
                try await engine.removeSecret(secret.id)
            } catch {
                log.debug("an old secret stays", ["error.message": "\(error)"])
            }
        }
    }
}

extension SecretStage {
    private var isNoted: Bool { ((try? state.facts(in: Self.room)) ?? [:]).isEmpty == false }

    /// What a service was last updated to.
    private func tried(_ service: String) -> [String: String]? {
        guard let text = try? state.fact(service, in: Self.room) else { return nil }
        return try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }

    /// A store that cannot be written says so itself.
    private func note(_ service: String, _ files: [String: String]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(files) else { return }
        try? state.commit([service: String(decoding: data, as: UTF8.self)], in: Self.room)
    }

    private func forget(besides services: Set<String>) {
        let known = (try? state.facts(in: Self.room)) ?? [:]
        var changes: [String: String?] = [:]
        for key in known.keys where !services.contains(key) { changes.updateValue(nil, forKey: key) }
        try? state.commit(changes, in: Self.room)
    }
}

public struct SecretResult: Hashable, Sendable {
    public let service: String
    public let outcome: Outcome

    public init(service: String, outcome: Outcome) {
        (self.service, self.outcome) = (service, outcome)
    }
}
