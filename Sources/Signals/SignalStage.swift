public import Docker
public import Log
public import Model
public import Ports
public import State
import Threads

/// Tells containers, wherever in the Swarm they run, that certificates have changed.
///
/// What each container was last signalled for is kept, and whatever differs from the disk is owed: so a crash between
/// issuing and signalling, or a container or node that was away, is caught up at the next run. A second signal is harmless,
/// a missing one is not, so state is committed after the signal.
public struct SignalStage: Sendable {
    let engine: EngineClient
    let rules: SignalRules
    private let state: StateStore
    private let log: Logger
    private let here: LocalDelivery
    private let elsewhere: RemoteDelivery

    /// A container that started later than this after the files changed has read them by itself. Less is too close: it
    /// may have read them just before.
    private static let margin: Duration = .seconds(60)
    /// Engine calls at a time. Each signal costs the engine a process of its own; docker's client asks for fifty at once.
    static let width = 32

    /// - Parameter image: where the image for helpers on other nodes comes from.
    public init(
        engine: EngineClient,
        rules: SignalRules,
        state: StateStore,
        image: HelperImage,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger
    ) {
        (self.engine, self.rules, self.state, self.log) = (engine, rules, state, log)
        here = LocalDelivery(engine: engine, log: log)
        elsewhere = RemoteDelivery(
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
    public var needsBaseline: Bool { (try? SignalStore(from: state).isEmpty) ?? true }

    /// With no state at all, takes what is on disk as known to everybody; otherwise does nothing.
    ///
    /// To be called before a run changes certificates, and only with a store that could be read: so a lost volume signals
    /// nobody, and the first certificate of a first run is signalled all the same.
    public func baseline(_ certificates: [CertificateOnDisk]) throws(StateError) {
        guard try SignalStore(from: state).isEmpty else { return }
        try SignalStore.takeBaseline(Self.fingerprints(of: certificates), in: state)
        log.info(
            "took the certificates on disk as the baseline; nobody is signalled for them",
            ["certificates": "\(certificates.count)"]
        )
    }

    /// Reads who is owed a signal; changes nothing.
    ///
    /// - Parameter baseline: what with no state at all counts as known to everybody; nil: `certificates`.
    public func plan(
        _ certificates: [CertificateOnDisk],
        baseline: [CertificateOnDisk]? = nil
    ) async -> Observation<SignalPlan> {
        do {
            let noted = try SignalStore(from: state)
            let ledger = noted.isEmpty ? SignalStore(baseline: Self.fingerprints(of: baseline ?? certificates)) : noted
            let (survey, strays) = try await look()
            let debts = await concurrentMap(survey.listeners, atMost: Self.width) {
                await self.debt(to: $0, certificates, ledger)
            }
            return .known(
                SignalPlan(
                    targets: debts.compactMap(\.target),
                    refusals: survey.refusals,
                    settled: debts.reduce(into: [:]) { $0[$1.listener.container] = $1.settled },
                    gone: ledger.containers.subtracting(survey.containers).sorted(),
                    strays: strays
                )
            )
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Sends what is owed, each container once, side by side; results are in the order of the plan's targets.
    ///
    /// - Parameter retriesSilent: whether other nodes are tried that did not answer in time.
    public func apply(
        _ plan: SignalPlan,
        certificates: [CertificateOnDisk],
        retriesSilent: Bool = true,
        progress: @escaping ProgressHandler
    ) async -> [SignalResult] {
        let notes = SignalStoreBatch(state: state, log: log)
        notes.commit(plan.settled, forgetting: plan.gone)
        await elsewhere.sweep(plan.strays)
        for target in plan.targets { progress(Progress(.signal, target.name, .started)) }
        let fingerprints = Self.fingerprints(of: certificates)
        let result: @Sendable (SignalTarget, SignalDelivery) -> SignalResult = { target, delivery in
            if delivery == .signalled {
                notes.add(target.container, fingerprints.filter { target.lineages.contains($0.key) })
            }
            let result = SignalResult(target: target, delivery: delivery)
            progress(Progress(.signal, target.name, .ended(result.outcome)))
            return result
        }
        async let near = nearby(plan.targets.filter { $0.node == nil }, notes, result)
        let far = plan.targets.filter { $0.node != nil }
        let deliveries = await elsewhere.deliver(far, retriesSilent: retriesSilent)
        let results = await near + zip(far, deliveries).map(result)
        notes.flush()
        let places = plan.targets.enumerated().reduce(into: [:]) { $0[$1.element.container] = $1.offset }
        return results.sorted { places[$0.target.container, default: 0] < places[$1.target.container, default: 0] }
    }

    private func nearby(
        _ targets: [SignalTarget],
        _ notes: SignalStoreBatch,
        _ result: @escaping @Sendable (SignalTarget, SignalDelivery) -> SignalResult
    ) async -> [SignalResult] {
        let results = await concurrentMap(targets, atMost: Self.width) { target in
            result(target, await here.deliver(target.signal, to: target.container, isTask: target.isTask))
        }
        // Other nodes may take a minute.
        notes.flush()
        return results
    }

    static func fingerprints(of certificates: [CertificateOnDisk]) -> SignalStore.Told {
        certificates.reduce(into: [:]) { $0[$1.lineage] = $1.fingerprint }
    }
}

/// What one container is to be told, and what it need not be told although nothing is noted of it.
private struct PendingSignal: Sendable {
    let listener: SignalTargets.Listener
    let owed: [String]
    let settled: SignalStore.Told?

    var target: SignalTarget? {
        guard !owed.isEmpty else { return nil }
        return SignalTarget(
            container: listener.container,
            name: listener.name,
            signal: listener.wish.signal,
            lineages: owed.sorted(),
            node: listener.node,
            isTask: listener.isTask
        )
    }
}

extension SignalStage {
    private func debt(
        to listener: SignalTargets.Listener,
        _ certificates: [CertificateOnDisk],
        _ ledger: SignalStore
    ) async -> PendingSignal {
        let certificates = certificates.filter(listener.wish.concerns)
        let unknown = certificates.filter { !ledger.knows($0, container: listener.container) }
        // Who was told of another one has that, however old the file is: it may have been brought from elsewhere.
        let known = ledger.told(to: listener.container)
        let untold = unknown.filter { known[$0.lineage] == nil }
        // Nobody is asked when a container started while nothing has changed.
        let started = untold.isEmpty ? nil : await startTime(of: listener)
        let owed = unknown.filter { certificate in
            known[certificate.lineage] != nil || started.map { $0 <= certificate.changed + Self.margin } ?? true
        }
        let settled = Self.fingerprints(of: certificates.filter { !owed.contains($0) })
            .filter { known[$0.key] != $0.value }
        return PendingSignal(listener: listener, owed: owed.map(\.lineage), settled: settled.isEmpty ? nil : settled)
    }

    /// Of a Swarm's container it is enough that it started after it was made, for it starts only once: an earlier time may
    /// bring a signal too many, and never loses one.
    private func startTime(of listener: SignalTargets.Listener) async -> Timestamp? {
        guard listener.node == nil, listener.created == nil else { return listener.created }
        return (try? await engine.container(listener.container))?.started
    }

    /// Everybody who wants a signal, and the helper services that were left behind.
    private func look() async throws(EngineError) -> (SignalTargets, strays: [String]) {
        var survey = SignalTargets(rules: rules)
        survey.add(try await engine.containers(includingStopped: true))
        guard rules.isCrossNode else { return (survey, []) }
        let (mode, node) = try await engine.position()
        guard case .manager = mode else { return (survey, []) }
        let services = try await engine.services()
        let callers = services.filter { service in rules.labels.contains { service.containerLabels[$0] != nil } }
        if !callers.isEmpty {
            let tasks = try await engine.wantedTasks(of: callers.map(\.id).sorted())
            survey.add(tasks, of: callers, but: node)
        }
        return (survey, HelperName.strays(among: services, of: rules.instance))
    }
}
