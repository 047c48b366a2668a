package import Docker
package import Log
package import Model
package import Ports
import Report
package import State
import Synchronization
import Threads

/// Signals containers, wherever in the Swarm they run, when certificates have changed.
///
/// The store has the fingerprints that each container was last signalled for; the difference from the disk is pending, also
/// after a crash. It is written after the signal: a second signal is harmless, a missing one is not.
package struct SignalStage: Sendable {
    let engine: EngineClient
    let rules: SignalRules
    private let store: SignalStore
    private let ended: EndedSignalStore
    private let log: Logger
    private let local: LocalDelivery
    private let remote: RemoteDelivery

    /// A container that started so long after the files changed has read them; an earlier one may have read the old ones.
    private static let margin: Duration = .seconds(60)
    /// The number of concurrent engine calls. Each signal costs the engine a process; Docker's own client makes fifty at once.
    static let width = 32

    /// - Parameter image: where the image for helpers on other nodes comes from.
    package init(
        engine: EngineClient,
        rules: SignalRules,
        state: StateStore,
        image: HelperImage,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger
    ) {
        (self.engine, self.rules, self.log) = (engine, rules, log)
        store = SignalStore(in: state)
        ended = EndedSignalStore(in: state, log: log)
        local = LocalDelivery(engine: engine, clock: clock, log: log)
        remote = RemoteDelivery(
            engine: engine,
            image: image,
            login: rules.helperLogin,
            instance: rules.instance,
            clock: clock,
            randomness: randomness,
            log: log
        )
    }

    /// Whether there is no state at all, or none that can be read.
    package var needsBaseline: Bool { (try? store.load().isEmpty) ?? true }

    /// With no state at all, lets the certificates on disk count as delivered to every container; otherwise does nothing.
    ///
    /// Call it before a run changes certificates, and only with a store that could be read: so a lost volume signals no
    /// container, and the first certificate of a first run is signalled all the same.
    package func saveBaseline(_ certificates: [CertificateOnDisk]) throws(StateError) {
        guard try store.load().isEmpty else { return }
        try store.save(baseline: Self.fingerprints(of: certificates))
        log.info(
            "certificates already on disk count as deployed; no container is signalled for them",
            [.certificates: .int(certificates.count)]
        )
    }

    /// Finds the containers to signal; changes nothing. With no state at all, `baseline` counts as delivered to every container;
    /// nil: `certificates`.
    package func plan(
        _ certificates: [CertificateOnDisk],
        baseline: [CertificateOnDisk]? = nil
    ) async -> Observation<SignalPlan> {
        do {
            var delivered = try store.load()
            if delivered.isEmpty {
                delivered = DeliveredFingerprints(baseline: Self.fingerprints(of: baseline ?? certificates))
            }
            let (targets, helpers) = try await findTargets()
            let index = CertificateIndex(certificates)
            let all = ended.load()
            let forgotten = all.filter { $0.value.isOver(targets, group: $0.key) }.keys.sorted()
            let ended = all.filter { !forgotten.contains($0.key) }
            let signals = await concurrentMap(targets.candidates, atMost: Self.width) { [delivered] candidate in
                let certificates = index.certificates(for: candidate.request)
                let signalled = ended[candidate.target.group]
                let wanted = certificates.filter { !(signalled?.covers($0) ?? false) }
                return await self.pendingSignal(for: candidate, wanted, delivered)
            }
            return .known(
                SignalPlan(
                    targets: await withoutLostNodes(signals.map(\.target).filter { !$0.lineages.isEmpty }),
                    refusals: targets.refusals,
                    current: signals.reduce(into: [:]) { $0[$1.target.container] = $1.current },
                    gone: Set(delivered.byContainer.keys).subtracting(targets.containers).sorted(),
                    leftoverHelpers: helpers,
                    versions: targets.versions ?? [:],
                    forgotten: forgotten
                )
            )
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Sends the signals of a plan concurrently; results are in the order of its targets. `retriesSilent`: whether to try other
    /// nodes again that did not answer in time.
    package func apply(
        _ plan: SignalPlan,
        certificates: [CertificateOnDisk],
        retriesSilent: Bool = true,
        progress: @escaping ProgressHandler
    ) async -> [SignalResult] {
        let batch = SignalStoreBatch(store, log: log)
        batch.save(plan.current, removing: plan.gone)
        ended.commit(Dictionary(uniqueKeysWithValues: plan.forgotten.map { ($0, nil) }))
        await remote.removeHelpers(plan.leftoverHelpers)
        for target in plan.targets { progress(Progress(.signal, target.name, .started)) }
        let fingerprints = Self.fingerprints(of: certificates)
        let result: @Sendable (SignalTarget, SignalDelivery) -> SignalResult = { target, delivery in
            if delivery == .signalled {
                batch.add(target.container, target.lineages.reduce(into: [:]) { $0[$1] = fingerprints[$1] })
            }
            let result = SignalResult(target: target, delivery: delivery)
            progress(Progress(.signal, target.name, .ended(result.outcome)))
            return result
        }
        let localResults = await deliverLocally(plan.targets.filter { $0.node == nil }, batch, result)
        let remoteTargets = plan.targets.filter { $0.node != nil }
        let deliveries = await remote.deliver(remoteTargets, after: localResults, retriesSilent: retriesSilent)
        let results = localResults + zip(remoteTargets, deliveries).map(result)
        batch.flush()
        saveEnds(among: results, plan, fingerprints)
        let places = plan.targets.enumerated().reduce(into: [:]) { $0[$1.element.container] = $1.offset }
        return results.sorted { places[$0.target.container, default: 0] < places[$1.target.container, default: 0] }
    }

    private func deliverLocally(
        _ targets: [SignalTarget],
        _ batch: SignalStoreBatch,
        _ result: @escaping @Sendable (SignalTarget, SignalDelivery) -> SignalResult
    ) async -> [SignalResult] {
        let results = Mutex<[Int: SignalResult]>([:])
        await local.deliver(targets.map(LocalDelivery.Order.init)) { place, delivery in
            let result = result(targets[place], delivery)
            results.withLock { $0[place] = result }
        }
        // Other nodes may take a minute.
        batch.flush()
        return targets.indices.compactMap { place in results.withLock { $0[place] } }
    }

    /// Remembers of each service that a container of it ended, or that they got through their signals.
    private func saveEnds(
        among results: [SignalResult],
        _ plan: SignalPlan,
        _ fingerprints: SignalStore.Fingerprints
    ) {
        let known = ended.load()
        var changes: [String: EndedSignal?] = [:]
        for result in results where result.delivery.result == .signalled && known[result.target.group] != nil {
            changes[result.target.group] = .some(nil)
        }
        for result in results where result.delivery.result == .ended {
            let target = result.target
            changes[target.group] = EndedSignal(
                container: target.container,
                name: target.name,
                end: result.delivery.reason ?? "ended",
                signal: target.signal.description,
                service: target.service,
                isTask: target.isTask,
                version: target.service.flatMap { plan.versions[$0] },
                fingerprints: target.lineages.reduce(into: [:]) { $0[$1] = fingerprints[$1] }
            )
        }
        ended.commit(changes)
    }

    /// What a person should know of containers that ended at their signal.
    package func hints(_ certificates: [CertificateOnDisk]) -> [Hint] {
        ended.load().values.map { $0.hint(certificates) }.sorted()
    }

    /// Without those of tasks that the Swarm keeps for running on nodes that were removed from it.
    private func withoutLostNodes(_ targets: [SignalTarget]) async -> [SignalTarget] {
        guard targets.contains(where: { $0.node != nil }), let nodes = try? await engine.nodes() else { return targets }
        let known = Set(nodes.map(\.id))
        return targets.filter { $0.node.map(known.contains) ?? true }
    }

    static func fingerprints(of certificates: [CertificateOnDisk]) -> SignalStore.Fingerprints {
        certificates.reduce(into: [:]) { $0[$1.lineage] = $1.fingerprint }
    }
}

/// The difference between the disk and what one container was last signalled for.
private struct PendingSignal: Sendable {
    let target: SignalTarget
    /// The fingerprints that it has, although the store does not say so.
    let current: SignalStore.Fingerprints?
}

extension SignalStage {
    private func pendingSignal(
        for candidate: SignalTargets.Candidate,
        _ certificates: [CertificateOnDisk],
        _ delivered: DeliveredFingerprints
    ) async -> PendingSignal {
        var target = candidate.target
        let changed = certificates.filter { !delivered.contains($0, for: target.container) }
        let known = delivered.byContainer[target.container] ?? [:]
        // A container that was signalled for another version has that one, however old the file is: it may have been copied from
        // elsewhere. For others the start decides; Docker is asked for it only when something has changed.
        let isNew = changed.contains { known[$0.lineage] == nil }
        let started = isNew ? await startTime(of: candidate) : nil
        let pending = changed.filter { certificate in
            known[certificate.lineage] != nil || started.map { $0 <= certificate.changed + Self.margin } ?? true
        }
        let isPending = Set(pending.map(\.lineage))
        let current = Self.fingerprints(of: certificates.filter { !isPending.contains($0.lineage) })
            .filter { known[$0.key] != $0.value }
        target.lineages = pending.map(\.lineage).sorted()
        return PendingSignal(target: target, current: current.isEmpty ? nil : current)
    }

    /// A Swarm's container starts once, after it was created: that earlier time may cause a signal too many, but loses none.
    private func startTime(of candidate: SignalTargets.Candidate) async -> Timestamp? {
        guard candidate.target.node == nil, candidate.created == nil else { return candidate.created }
        return (try? await engine.container(candidate.target.container))?.started
    }

    /// Finds the containers that request a signal, and the helper services that an earlier run left behind.
    private func findTargets() async throws(EngineError) -> (SignalTargets, leftoverHelpers: [String]) {
        var targets = SignalTargets(rules: rules)
        targets.add(try await engine.containers(includingStopped: true))
        guard rules.isCrossNode else { return (targets, []) }
        let (mode, node) = try await engine.position()
        guard case .manager = mode else { return (targets, []) }
        let services = try await engine.services()
        targets.set(versionsOf: services)
        let callers = services.filter { service in rules.labels.contains { service.containerLabels[$0] != nil } }
        if !callers.isEmpty {
            let tasks = try await engine.wantedTasks(of: callers.map(\.id).sorted())
            targets.add(tasks, of: callers, except: node)
        }
        return (targets, HelperName.leftovers(among: services, of: rules.instance))
    }
}
