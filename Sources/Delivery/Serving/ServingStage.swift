package import Model
package import Ports
package import Report
package import State
import Synchronization
import Threads
import Timing

/// Checks whether servers serve the certificates on disk: a signalled server need not have loaded the files. nginx, for one,
/// rejects a whole reload when a single file is missing.
///
/// A run only says what is to be checked, and reports what is known. The probes are made beside the runs: an endpoint that a
/// label names may be silent, and must not hold up anything. Where nothing runs beside, as in `landfall once`, a check waits
/// for one round.
package final class ServingStage: Sendable {
    /// Why a run asks for checks.
    package enum Occasion: Sendable {
        /// Something has just changed, so that the servers get time to reload.
        case change
        /// A person asks, or Landfall has started.
        case request
        /// All is read from time to time.
        case interval
        /// Something happened that has nothing to do with certificates.
        case event
    }

    /// How long a server may take to reload, and how often it is asked meanwhile.
    private static let reloadLimit: Duration = .seconds(10)
    private static let interval: Duration = .milliseconds(500)
    /// How long a round may take, and one probe in it.
    private static let roundLimit: Duration = .seconds(20)
    private static let probeLimit: Duration = .seconds(5)
    private static let width = 16

    private let probe: any TLSProbe
    private let defaultEndpoint: ProbeEndpoint?
    /// Host and endpoint → why the certificate on disk is not served there. The store itself reports write errors.
    private let store: StateStore.Namespace<String>
    private let clock: any Clock
    private let read: @Sendable ([UInt8]) -> Fingerprint?
    private let schedule = Mutex(ServingSchedule())
    private let isBeside = Mutex(false)
    private let wakeup: TaskWakeup

    /// - Parameters:
    ///   - defaultEndpoint: for hosts whose labels name no endpoint: `LANDFALL_PROBE`.
    ///   - read: returns the fingerprint of a certificate in PEM; nil when it is none.
    package init(
        probe: any TLSProbe,
        defaultEndpoint: ProbeEndpoint?,
        state: StateStore,
        clock: any Clock,
        read: @escaping @Sendable ([UInt8]) -> Fingerprint?
    ) {
        (self.probe, self.defaultEndpoint, self.clock, self.read) = (probe, defaultEndpoint, clock, read)
        store = StateStore.Namespace("serving", in: state)
        wakeup = TaskWakeup(clock)
    }

    /// Returns the checks to make: each host once at each endpoint. `certificates` are the fingerprints on disk, by host.
    package func checks(_ hosts: [DesiredHost], _ certificates: [DomainName: Fingerprint]) -> [ServingCheck] {
        let all = hosts.compactMap { host -> ServingCheck? in
            let endpoint: ProbeEndpoint? =
                switch host.probe {
                case .standard: defaultEndpoint
                case .off: nil
                case .at(let endpoint): endpoint
                }
            guard let endpoint, let fingerprint = certificates[host.name] else { return nil }
            return ServingCheck(host: host.name, endpoint: endpoint, fingerprint: fingerprint)
        }
        return Set(all).sorted { ($0.host.text, "\($0.endpoint)") < ($1.host.text, "\($1.endpoint)") }
    }

    /// Asks for `checks` and for no others from now on, and returns what is known; a check that is new counts as passed.
    ///
    /// - Parameter postponedHosts: hosts to which a change is still on its way; the next run asks for them.
    package func report(
        _ checks: [ServingCheck],
        _ occasion: Occasion,
        postponing postponedHosts: Set<DomainName> = []
    ) async -> [ServingReport] {
        let now = clock.uptime
        schedule.withLock { schedule in
            schedule.ask(for: checks, postponing: postponedHosts, at: now)
            switch occasion {
            case .change: schedule.makeDue(at: now, freshUntil: now + Self.reloadLimit)
            case .request: schedule.makeDue(at: now)
            case .interval: schedule.makePassedDue(at: now)
            case .event: break
            }
        }
        forget(allBut: Set(checks.map(\.key)))
        if isBeside.withLock(\.self) { wakeup.wake() } else { _ = await performRound() }
        return lastReports(of: checks)
    }

    /// From now on probes are made beside the runs; `run` has to follow.
    package func prepareToRun() { isBeside.withLock { $0 = true } }

    /// Makes the probes that are due until it is cancelled. Calls `onChange` when a report would say something else than before.
    package func run(_ onChange: @escaping @Sendable () -> Void) async {
        while !Task.isCancelled {
            switch schedule.withLock(\.nextDue) {
            case let due? where due <= clock.uptime: if await performRound() { onChange() }
            case let due?: await wakeup.wait(until: due)
            case nil: await wakeup.wait()
            }
        }
    }
}

extension ServingStage {
    /// Makes the probes that are due; returns whether a result differs from the last one.
    private func performRound() async -> Bool {
        let start = clock.uptime
        let probes = schedule.withLock { $0.begin(at: start) }
        guard !probes.isEmpty else { return false }
        let end = start + Self.roundLimit - Self.probeLimit
        let silent = SilentEndpoints()
        let results = await concurrentMap(probes, atMost: Self.width) { await self.result(of: $0, until: end, silent) }
        guard !Task.isCancelled else { return false }
        let now = clock.uptime
        let reasons = schedule.withLock { schedule in
            var reasons: [String: String?] = [:]
            for (probe, result) in zip(probes, results) { reasons.merge(schedule.end(probe, result, at: now)) { $1 } }
            return reasons
        }
        let last = store.allIfReadable()
        let news = reasons.filter { last[$0.key] != $0.value }
        try? store.commit(news)
        return !news.isEmpty
    }

    /// - Parameters:
    ///   - end: no probe begins after it.
    ///   - silent: endpoints that are not asked again for each certificate.
    private func result(
        of probe: ServingSchedule.Probe,
        until end: Duration,
        _ silent: SilentEndpoints
    ) async -> ServingSchedule.Result {
        var result = ServingSchedule.Result.notAsked
        while clock.uptime <= end {
            let isFresh = clock.uptime < probe.freshUntil
            if !isFresh, let reason = silent.reason(of: probe.endpoint) { return .failed(reason) }
            result = await ask(probe, silent)
            guard case .failed = result, isFresh, (try? await clock.sleep(for: Self.interval)) != nil else {
                return result
            }
        }
        return result
    }

    private func ask(
        _ probe: ServingSchedule.Probe,
        _ silent: SilentEndpoints
    ) async -> ServingSchedule.Result {
        let (host, endpoint) = (probe.host, probe.endpoint)
        let reason: String
        do throws(TransportError) {
            let name = host.text.hasPrefix("*.") ? "any" + host.text.dropFirst() : host.text
            let shown = read(try await self.probe.certificate(for: name, at: endpoint, for: .host(host)))
            silent.set(nil, of: endpoint)
            if shown == probe.fingerprint { return .passed }
            return .failed("\(endpoint) serves another certificate than the one on disk")
        } catch {
            reason = "\(endpoint) serves no certificate: \(error)"
            switch error {
            case .timedOut, .unreachable: silent.set(reason, of: endpoint)
            case .broken, .tooLarge, .cancelled: break
            }
        }
        return .failed(reason)
    }

    /// The last answers, without asking for more.
    package func lastReports(of checks: [ServingCheck]) -> [ServingReport] {
        let reasons = store.allIfReadable()
        return checks.map { $0.report(reasons[$0.key]) }
    }

    private func forget(allBut keys: Set<String>) {
        let gone = store.allIfReadable().keys.filter { !keys.contains($0) }
        guard !gone.isEmpty else { return }
        try? store.commit(Dictionary(uniqueKeysWithValues: gone.map { ($0, nil) }))
    }
}

/// The endpoints that accept no connection in a round, with the reason.
private final class SilentEndpoints: Sendable {
    private let reasons = Mutex<[ProbeEndpoint: String]>([:])

    func reason(of endpoint: ProbeEndpoint) -> String? { reasons.withLock { $0[endpoint] } }

    func set(_ reason: String?, of endpoint: ProbeEndpoint) { reasons.withLock { $0[endpoint] = reason } }
}

/// A certificate that a host should be served with, and the endpoint to ask.
package struct ServingCheck: Hashable, Sendable {
    package let host: DomainName
    package let endpoint: ProbeEndpoint
    package let fingerprint: Fingerprint

    var key: String { "\(host) \(endpoint)" }

    fileprivate func report(_ reason: String?) -> ServingReport {
        ServingReport(host: host, endpoint: endpoint.description, reason: reason)
    }
}
