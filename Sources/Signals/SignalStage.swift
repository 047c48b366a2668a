package import Docker
package import Log
package import Model
package import Ports
package import State
import Threads

/// Signals containers, wherever in the Swarm they run, when certificates have changed.
///
/// The store has the fingerprints that each container was last signalled for; the difference from the disk is pending, also
/// after a crash. It is written after the signal: a second signal is harmless, a missing one is not.
package struct SignalStage: Sendable {
    let engine: EngineClient
    let rules: SignalRules
    private let store: SignalStore
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
        local = LocalDelivery(engine: engine, log: log)
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
            let signals = await concurrentMap(targets.candidates, atMost: Self.width) { [delivered] in
                await self.pendingSignal(for: $0, index.certificates(for: $0.request), delivered)
            }
            return .known(
                SignalPlan(
                    targets: signals.map(\.target).filter { !$0.lineages.isEmpty },
                    refusals: targets.refusals,
                    current: signals.reduce(into: [:]) { $0[$1.target.container] = $1.current },
                    gone: Set(delivered.byContainer.keys).subtracting(targets.containers).sorted(),
                    leftoverHelpers: helpers
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
        async let localResults = deliverLocally(plan.targets.filter { $0.node == nil }, batch, result)
        let remoteTargets = plan.targets.filter { $0.node != nil }
        let deliveries = await remote.deliver(remoteTargets, retriesSilent: retriesSilent)
        let results = await localResults + zip(remoteTargets, deliveries).map(result)
        batch.flush()
        let places = plan.targets.enumerated().reduce(into: [:]) { $0[$1.element.container] = $1.offset }
        return results.sorted { places[$0.target.container, default: 0] < places[$1.target.container, default: 0] }
    }

    private func deliverLocally(
        _ targets: [SignalTarget],
        _ batch: SignalStoreBatch,
        _ result: @escaping @Sendable (SignalTarget, SignalDelivery) -> SignalResult
    ) async -> [SignalResult] {
        let results = await concurrentMap(targets, atMost: Self.width) { target in
            result(target, await local.deliver(target.signal, to: target.container, isTask: target.isTask))
        }
        // Other nodes may take a minute.
        batch.flush()
        return results
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
        let callers = services.filter { service in rules.labels.contains { service.containerLabels[$0] != nil } }
        if !callers.isEmpty {
            let tasks = try await engine.wantedTasks(of: callers.map(\.id).sorted())
            targets.add(tasks, of: callers, except: node)
        }
        return (targets, HelperName.leftovers(among: services, of: rules.instance))
    }
}
