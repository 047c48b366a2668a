package import Docker
package import Log
package import Model
package import Report
package import State

/// Delivers certificates as Swarm secrets, for services whose containers share no volume with Landfall: the Swarm brings
/// secrets to every node, and an update of the service puts them in place.
package struct SecretStage: Sendable {
    private let engine: EngineClient
    private let instance: String
    private let permissions: [SecretPermission]
    private let store: SecretStore
    private let log: Logger

    /// - Parameter permissions: `LANDFALL_SECRET_ALLOW`.
    package init(
        engine: EngineClient,
        instance: String,
        permissions: [SecretPermission] = [],
        state: StateStore,
        log: Logger
    ) {
        (self.engine, self.instance, self.permissions, self.log) = (engine, instance, permissions, log)
        store = SecretStore(in: state)
    }

    /// The label that requests them.
    package static let label = SecretLabel.key

    /// Delivers secrets; returns one report per service that requests some.
    ///
    /// - Parameters:
    ///   - present: the certificates on disk.
    ///   - rights: which certificates each service may have.
    ///   - read: returns the files of a certificate, or a clause. Nil: the reports only say what would be done.
    package func deliver(
        _ present: [CertificateOnDisk],
        rights: SecretRights,
        read: ((String) -> Observation<CertificatePair>)?
    ) async -> Observation<[SecretReport]> {
        do throws(EngineError) {
            guard case .manager = try await engine.mode() else { return .known([]) }
            let services = try await engine.services()
            let callers = services.filter { $0.labels[SecretLabel.key] != nil }.sorted { $0.name < $1.name }
            guard !callers.isEmpty || !store.isEmpty else { return .known([]) }
            let secrets = try await engine.secrets(labelled: "\(SecretName.label)=\(instance)")
            var rollout = SecretRollout(
                engine: engine,
                store: store,
                instance: instance,
                rights: rights,
                permissions: permissions,
                present: Dictionary(present.map { ($0.lineage, $0) }) { $1 },
                created: CreatedSecrets(store.created, among: secrets, isSaved: read != nil)
            )
            var results: [SecretReport] = []
            for service in callers where !Task.isCancelled {
                results.append(await rollout.deliver(to: service, read))
            }
            if !Task.isCancelled, read != nil, await removeUnused(secrets, services, besides: rollout.wanted) {
                store.remove(allBut: Set(callers.map(\.id)))
            }
            return .known(results)
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Removes old versions. Docker keeps those in use; while an update may be rolled back, all are kept.
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
