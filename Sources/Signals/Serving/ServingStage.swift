package import Model
package import Ports
package import Report
package import State
import Synchronization
import Threads

/// Checks whether servers serve the certificates on disk: a signalled server need not have loaded the files. nginx, for one,
/// rejects a whole reload when a single file is missing.
package final class ServingStage: Sendable {
    /// How long a server may take to reload, and how often it is asked meanwhile.
    private static let reloadLimit: Duration = .seconds(10)
    private static let interval: Duration = .milliseconds(500)
    private static let width = 16

    private let probe: any TLSProbe
    private let defaultEndpoint: ProbeEndpoint?
    /// Host and endpoint → why the certificate on disk is not served there. The store itself reports write errors.
    private let store: StateStore.Namespace<String>
    private let clock: any Clock
    private let read: @Sendable ([UInt8]) -> Fingerprint?
    /// Whether the last run postponed a check.
    private let hasPostponed = Mutex(false)

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

    /// Asks the servers, and saves the results.
    ///
    /// - Parameters:
    ///   - isFresh: whether something has just changed, so that the servers get time to reload.
    ///   - postponedHosts: hosts to which the change is still on its way; the next run checks them.
    package func run(
        _ checks: [ServingCheck],
        isFresh: Bool,
        postponing postponedHosts: Set<DomainName> = []
    ) async -> [ServingReport] {
        let deadline = clock.uptime + (isFresh ? Self.reloadLimit : .zero)
        let last = store.allIfReadable()
        let reports = await concurrentMap(checks, atMost: Self.width) { check in
            guard !postponedHosts.contains(check.host) else { return check.report(last[check.key]) }
            var reason = await self.reason(of: check)
            while reason != nil, self.clock.uptime < deadline,
                (try? await self.clock.sleep(for: Self.interval)) != nil
            { reason = await self.reason(of: check) }
            return check.report(reason)
        }
        guard !Task.isCancelled else { return reports }
        save(zip(checks, reports).map { ($0.key, $1.reason) }, last)
        hasPostponed.withLock { $0 = checks.contains { postponedHosts.contains($0.host) } }
        return reports
    }

    /// Whether a check was postponed, or found a certificate that is not served: then every run makes them.
    package func isPending(_ checks: [ServingCheck]) -> Bool {
        hasPostponed.withLock(\.self) || lastReports(of: checks).contains { !$0.isServed }
    }

    /// Returns the last reports; a check that is new since then counts as passed.
    package func lastReports(of checks: [ServingCheck]) -> [ServingReport] {
        let reasons = store.allIfReadable()
        return checks.map { $0.report(reasons[$0.key]) }
    }

    private func save(_ reasons: [(key: String, reason: String?)], _ last: [String: String]) {
        var changes: [String: String?] = [:]
        for key in last.keys { changes.updateValue(nil, forKey: key) }
        for (key, reason) in reasons { changes.updateValue(reason, forKey: key) }
        try? store.commit(changes.filter { last[$0.key] != $0.value })
    }

    /// Why the certificate is not served; nil when it is.
    private func reason(of check: ServingCheck) async -> String? {
        do throws(TransportError) {
            let name = check.host.text.hasPrefix("*.") ? "any" + check.host.text.dropFirst() : check.host.text
            let scope = Scope.host(check.host)
            let shown = read(try await probe.certificate(for: name, at: check.endpoint, for: scope))
            if shown == check.fingerprint { return nil }
            return "\(check.endpoint) serves another certificate than the one on disk"
        } catch {
            return "\(check.endpoint) serves no certificate: \(error)"
        }
    }
}

/// A certificate that a host should be served with, and the endpoint to ask.
package struct ServingCheck: Hashable, Sendable {
    package let host: DomainName
    package let endpoint: ProbeEndpoint
    package let fingerprint: Fingerprint

    fileprivate var key: String { "\(host) \(endpoint)" }

    fileprivate func report(_ reason: String?) -> ServingReport {
        ServingReport(host: host, endpoint: endpoint.description, reason: reason)
    }
}
