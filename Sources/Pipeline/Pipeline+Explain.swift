import Address
import Certificates
import DNS
import Delivery
import Discovery
package import Model
import Ports
import Records
package import Report
import Timing

extension Pipeline {
    /// Why a name is managed as it is, or why it is not: what a plan says of it. Writes nothing.
    package func explain(_ question: DomainName) async -> Explanation {
        let discovered = await discover()
        let requested = discovered.value ?? Discovered(hosts: [])
        let desired = await Reconciliation(self, RunCause(Trigger(.once)), writes: false) { _ in }
            .readAll(requested, including: question)
        // A name that a proxy is told stands for no other.
        let isDeclared = desired.hosts.contains { $0.name == question && $0.declaration != nil }
        let name = isDeclared ? question : desired.zones.place(question)
        let askers = desired.hosts.filter { $0.name == name }
        let own = desired.certificates.filter { $0.hosts.contains(name) || $0.names.contains(name) }
        let limits = limitUses(of: own)
        let misplaced = askers.isEmpty ? await discovery.misplacedLabels(naming: [name, question]) : .known([])
        var explanation = Explanation(name)
        explanation.askers = askers.map { $0.asker(hasInternalView: inside != nil) }
        switch desired.zones.find(name) {
        case .found(let entry), .unserved(let entry, _):
            (explanation.zone, explanation.provider) = (entry.zone.name, entry.provider.name)
        case .notAllowed, .noZone, .gone, .unavailable: break
        }
        let current = desired.actual?.observed(at: name)
        explanation.current = current?.value.map { $0.map(described) }
        if let inside = desired.zones.internal {
            explanation.inside = inside.place(
                of: name,
                current: desired.actualInside?.observed(at: name)?.value.map { $0.map(described) }
            )
        }
        explanation.records = desired.records.filter { $0.host == name }
        (explanation.certificates, explanation.limits) = (own, limits.value ?? [])
        explanation.refusals = requested.refusals.filter { refusal in askers.contains { $0.origin == refusal.origin } }
        if askers.isEmpty {
            explanation.refusals = requested.refusals(like: [name, question])
            explanation.similar = requested.names(like: name)
        }
        explanation.isDryRun = switches.isDryRun
        explanation.awaitedSource = awaitedSource(of: askers, among: requested)
        let unused = (requested.waiting + requested.notes).filter { $0.names(name) || $0.names(question) }
            .map { "\($0.origin): \($0.label): `\($0.value)` is not used: \($0.reason)" }
        let mounts = hints(on: requested.mounts, own)
        let ended = switches.signals ? signals.hints(certificates.onDisk().value ?? []) : []
        explanation.serving = lastReports(askers, desired).explained(by: mounts)
        explanation.isHidden = !mounts.isEmpty
        let all = (discovered.value?.hints ?? []) + desired.hints + mounts + ended
        explanation.hints = unique(unused + hints(question, name, all) + (misplaced.value ?? []))
        // Those of certificates are in their reasons.
        let unread = desired.problems.filter { problem in
            problem.stage == Progress.Stage.record.rawValue
                || askers.needAddress && [IPAddress.Family.v4, .v6].contains { $0.stage == problem.stage }
        }
        let reasons = [
            current?.reason, desired.actualInside?.observed(at: name)?.reason, misplaced.reason, limits.reason,
        ]
        explanation.problems = unique([discovered.reason] + requested.problems + unread.map(\.text) + reasons)
        return explanation
    }

    /// The source of these requests, if none of them counts before it is accepted.
    private func awaitedSource(of askers: [DesiredHost], among requested: Discovered) -> String? {
        let kept = requested.showing(SourceStore(state: state).held(among: discovery.sources), withholds: true).hosts
        return askers.contains(where: kept.contains) ? nil : askers.lazy.compactMap(\.declaration?.source).first
    }

    /// What is known of who serves the certificates on disk.
    private func lastReports(_ askers: [DesiredHost], _ desired: Reconciliation.Desired) -> [ServingReport] {
        guard switches.signals else { return [] }
        let own = askers.filter { !desired.first.isLate($0) }
        return serving.lastReports(of: serving.checks(own, desired.fingerprints))
    }

    private func limitUses(of certificates: [CertificateReport]) -> Observation<[RateLimitUsage]> {
        var uses: [RateLimitUsage] = []
        for certificate in certificates {
            switch self.certificates.rateLimitUsage(of: certificate.names) {
            case .unavailable(let reason): return .unavailable(reason: reason)
            case .known(let more): uses += more.filter { !uses.contains($0) }
            }
        }
        return .known(uses)
    }

    private func hints(_ question: DomainName, _ name: DomainName, _ all: [Hint]) -> [String] {
        var hints: [String] = []
        if name != question { hints.append("\(question) lies in no zone, and stands for \(name) below DEFAULT_DOMAIN") }
        if !switches.records { hints.append("LANDFALL_DNS is off: no record is written") }
        if !switches.certificates { hints.append("LANDFALL_CERTIFICATES is off: no certificate is ordered") }
        if switches.isDryRun { hints.append("LANDFALL_DRY_RUN is on: nothing is done at all") }
        return hints + all.filter { $0.isAbout(question) || $0.isAbout(name) }.map(\.text)
    }

    private func described(_ record: DNSRecord) -> Explanation.Record {
        let owner = records.owner(of: record)
        return Explanation.Record(record, instance: owner?.instance, isOurs: owner?.isOurs ?? false)
    }
}

extension Refusal {
    /// Whether it is about a name.
    fileprivate func names(_ name: DomainName) -> Bool { value.lowercased().contains(name.text) }
}

extension ZoneDirectory {
    fileprivate func place(of name: DomainName, current: [Explanation.Record]?) -> Explanation.Place {
        switch find(name) {
        case .found(let entry), .unserved(let entry, _):
            Explanation.Place(zone: entry.zone.name, provider: entry.provider.name, current: current)
        case .notAllowed, .noZone, .gone, .unavailable: Explanation.Place(zone: nil, provider: nil, current: nil)
        }
    }
}

extension DesiredHost {
    fileprivate func asker(hasInternalView: Bool) -> Explanation.Asker {
        let inside = hasInternalView ? "; in the internal view: \(inInternalView.target.words(in: .internal))" : ""
        let profile = profile.map { ", profile \($0)" } ?? ""
        return Explanation.Asker(
            origin: origin,
            label: label,
            part: declaration?.part,
            record: target.words(in: .public) + inside,
            certificate: certificate.words + profile,
            reason: declaration?.reason
        )
    }
}

extension DNSTarget {
    fileprivate func words(in view: View) -> String {
        switch self {
        case .publicAddress: "the \(view.rawValue) address"
        case .address(let address): "\(address.family == .v4 ? "A" : "AAAA") \(address)"
        case .alias(let name): "CNAME \(name)"
        case .none: "no record"
        }
    }
}

extension CertificateChoice {
    fileprivate var words: String {
        switch self {
        case .each: "its own"
        case .shared(let lineage): "shared as \(lineage)"
        case .wildcard: "a wildcard's"
        case .none: "none"
        }
    }
}
