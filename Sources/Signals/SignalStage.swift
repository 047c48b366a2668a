public import Docker
public import Log
public import Model
public import State
import Threads

/// Tells the containers of this node that certificates have changed.
///
/// What each container was last signalled for is kept, and whatever differs from the disk is owed: so a crash between
/// issuing and signalling, or a container that was away, is caught up at the next run. A second signal is harmless, a
/// missing one is not, so state is committed after the signal.
public struct SignalStage: Sendable {
    private let engine: EngineClient
    private let state: StateStore
    private let signalLabels: [String]
    private let log: Logger

    /// A container that started later than this after the files changed has read them by itself. Less is too close: it
    /// may have read them just before.
    private static let margin: Duration = .seconds(60)
    /// Engine calls at a time.
    private static let width = 16

    /// - Parameter signalLabels: in order of precedence; `DiscoveryRules.signalLabels`.
    public init(engine: EngineClient, state: StateStore, signalLabels: [String], log: Logger) {
        (self.engine, self.state, self.signalLabels, self.log) = (engine, state, signalLabels, log)
    }

    /// Whether there is no state at all, or none that can be read.
    public var needsBaseline: Bool { (try? SignalLedger(from: state).isEmpty) ?? true }

    /// With no state at all, takes what is on disk as known to everybody; otherwise does nothing.
    ///
    /// To be called before a run changes certificates, and only with a store that could be read: so a lost volume signals
    /// nobody, and the first certificate of a first run is signalled all the same.
    public func baseline(_ certificates: [CertificateOnDisk]) throws(StateError) {
        guard try SignalLedger(from: state).isEmpty else { return }
        try SignalLedger.takeBaseline(Self.fingerprints(of: certificates), in: state)
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
            let noted = try SignalLedger(from: state)
            let ledger = noted.isEmpty ? SignalLedger(baseline: Self.fingerprints(of: baseline ?? certificates)) : noted
            let containers = try await engine.containers(includingStopped: true)
            let survey = SignalSurvey(containers, labels: signalLabels)
            let gone = ledger.containers.subtracting(containers.map(\.id)).sorted()
            let debts = await sideBySide(survey.listeners, atMost: Self.width) {
                await self.debt(to: $0, certificates, ledger)
            }
            return .known(
                SignalPlan(
                    targets: debts.compactMap(\.target),
                    refusals: survey.refusals,
                    settled: debts.reduce(into: [:]) { $0[$1.listener.container] = $1.settled },
                    gone: gone
                )
            )
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Sends what is owed, each container once, side by side; results are in the order of the plan's targets.
    public func apply(
        _ plan: SignalPlan,
        certificates: [CertificateOnDisk],
        progress: @escaping ProgressHandler
    ) async -> [SignalResult] {
        note(plan.settled, forgetting: plan.gone)
        let fingerprints = Self.fingerprints(of: certificates)
        return await sideBySide(plan.targets, atMost: Self.width) { target in
            progress(Progress(.signal, target.name, .started))
            let result = SignalResult(target: target, delivery: await self.deliver(target))
            if result.delivery == .signalled {
                self.note([target.container: fingerprints.filter { target.lineages.contains($0.key) }])
            }
            progress(Progress(.signal, target.name, .ended(result.outcome)))
            return result
        }
    }

    private func deliver(_ target: SignalTarget) async -> SignalResult.Delivery {
        do throws(EngineError) {
            try await engine.kill(container: target.container, signal: target.signal.description)
            return .signalled
        } catch {
            switch error {
            case .status(404, _): return .gone
            case .status(409, _): return .notRunning
            default: return .failed("\(error)")
            }
        }
    }

    /// What could not be noted is signalled again at the next run.
    private func note(_ news: [String: SignalLedger.Told], forgetting gone: [String] = []) {
        do throws(StateError) {
            try SignalLedger.note(news, forgetting: gone, in: state)
        } catch {
            log.error("cannot note who was signalled; they will be signalled again", ["error.message": "\(error)"])
        }
    }

    private static func fingerprints(of certificates: [CertificateOnDisk]) -> SignalLedger.Told {
        certificates.reduce(into: [:]) { $0[$1.lineage] = $1.fingerprint }
    }
}

/// What one container is to be told, and what it need not be told although nothing is noted of it.
private struct Debt: Sendable {
    let listener: SignalSurvey.Listener
    let owed: [String]
    let settled: SignalLedger.Told?

    var target: SignalTarget? {
        guard !owed.isEmpty else { return nil }
        return SignalTarget(
            container: listener.container,
            name: listener.name,
            signal: listener.signal,
            lineages: owed.sorted()
        )
    }
}

extension SignalStage {
    private func debt(
        to listener: SignalSurvey.Listener,
        _ certificates: [CertificateOnDisk],
        _ ledger: SignalLedger
    ) async -> Debt {
        let unknown = certificates.filter { !ledger.knows($0, container: listener.container) }
        // Nobody is asked when a container started while nothing has changed.
        let started = unknown.isEmpty ? nil : try? await engine.startTime(ofContainer: listener.container)
        let owed = unknown.filter { certificate in
            started.map { $0 <= certificate.changed + Self.margin } ?? true
        }
        let known = ledger.told(to: listener.container)
        let settled = Self.fingerprints(of: certificates.filter { !owed.contains($0) })
            .filter { known[$0.key] != $0.value }
        return Debt(listener: listener, owed: owed.map(\.lineage), settled: settled.isEmpty ? nil : settled)
    }
}
