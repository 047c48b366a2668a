public import Docker
public import Log
public import Model
public import Report
public import State

/// Delivers certificates as secrets of the Swarm, for services whose containers share no volume with Landfall: the Swarm's
/// own store carries them to every node, and an update of the service puts them in place.
public struct SecretStage: Sendable {
    private let engine: EngineClient
    private let instance: String
    private let notes: SecretStore
    private let log: Logger

    public init(engine: EngineClient, instance: String, state: StateStore, log: Logger) {
        (self.engine, self.instance, self.log) = (engine, instance, log)
        notes = SecretStore(state: state)
    }

    /// What `deliver` would do; changes nothing.
    public func plan(
        _ present: [CertificateOnDisk],
        own: [String: Set<String>]
    ) async -> Observation<[SecretReport]> {
        await go(through: present, own, read: nil)
    }

    /// One report per service that asks.
    ///
    /// - Parameters:
    ///   - present: the certificates on disk.
    ///   - own: service id → the certificates of its own hosts.
    ///   - read: the files of a certificate; the error is a clause.
    public func deliver(
        _ present: [CertificateOnDisk],
        own: [String: Set<String>],
        read: @escaping (String) -> Observation<CertificatePair>
    ) async -> Observation<[SecretReport]> {
        await go(through: present, own, read: read)
    }

    private func go(
        through present: [CertificateOnDisk],
        _ own: [String: Set<String>],
        read: ((String) -> Observation<CertificatePair>)?
    ) async -> Observation<[SecretReport]> {
        do throws(EngineError) {
            guard case .manager = try await engine.mode() else { return .known([]) }
            let services = try await engine.services()
            let callers = services.filter { $0.labels[SecretLabel.key] != nil }.sorted { $0.name < $1.name }
            guard !callers.isEmpty || !notes.isEmpty else { return .known([]) }
            let secrets = try await engine.secrets(labelled: "\(SecretName.label)=\(instance)")
            var round = SecretRollout(
                engine: engine,
                notes: notes,
                instance: instance,
                prints: present.reduce(into: [:]) { $0[$1.lineage] = $1.fingerprint },
                secrets: secrets
            )
            var results: [SecretReport] = []
            for service in callers where !Task.isCancelled {
                results.append(await round.serve(service, own: own[service.id] ?? [], read))
            }
            if !Task.isCancelled, read != nil, await removeUnused(secrets, services, besides: round.wanted) {
                notes.forget(besides: Set(callers.map(\.id)))
            }
            return .known(results)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Removes old versions. The engine refuses what a service uses; what an update may be rolled back to is kept.
    /// - Returns: whether none is left.
    private func removeUnused(
        _ secrets: [SwarmSecret],
        _ services: [Service],
        besides wanted: Set<String>
    ) async -> Bool {
        let used = Set(services.flatMap(\.secrets).map(\.name)).union(wanted)
        let unused = secrets.filter { !used.contains($0.name) }.sorted { $0.name < $1.name }
        guard !services.contains(where: \.isBeingUpdated) else { return unused.isEmpty }
        var areAllGone = true
        for secret in unused {
            do throws(EngineError) {
                try await engine.removeSecret(secret.id)
            } catch .status(404, _) {
            } catch {
                areAllGone = false
                log.debug("cannot remove an old secret", [.error: "\(error)"])
            }
        }
        return areAllGone
    }
}
