import Address
import Certificates
import DNS
import Delivery
import Discovery
package import Model
import Notices
import Ports
import Records
package import Report
import State
import Synchronization
package import Timing

extension Pipeline {
    /// Reconciles once: reads what is desired and what is, and closes the difference. It always ends in a report; what
    /// failed is in it, host by host. With `isDryRun` nothing is written, and the report is a plan.
    package func reconcile(_ cause: RunCause, progress: @escaping ProgressHandler = { _ in }) async -> Report {
        switches.isDryRun ? await plan(cause) : await Reconciliation(self, cause, writes: true, progress).run()
    }

    /// Reads and decides everything that a run would, and writes nothing, anywhere.
    package func plan(_ cause: RunCause) async -> Report {
        await Reconciliation(self, cause, writes: false) { _ in }.run()
    }
}

/// One run through the stages, each of which returns its part of the report. A plan takes the same way, without the writes.
struct Reconciliation: Sendable {
    private let pipeline: Pipeline
    private let cause: RunCause
    private let writes: Bool
    private let progress: ProgressHandler
    private let started: Timestamp
    private let times: StageTimes

    /// What was found and done about hosts, records and certificates.
    struct Desired {
        let reach: Report.Reach
        /// Under the names that are served.
        let hosts: [DesiredHost]
        var zones = ZoneDirectory(entries: [])
        /// Nil where no records are written, or none were read.
        var actual: ActualRecords?
        /// The same of the internal view.
        var actualInside: ActualRecords?
        /// Which service had each host first.
        var first = FirstRequesters()
        var records: [RecordReport] = []
        /// The names at which this instance has a record; nil where no records are written.
        var ownNames: Set<DomainName>?
        var deletions: Deletions?
        var certificates: [CertificateReport] = []
        /// What a person should know of them.
        var hints: [Hint] = []
        /// How full the zones are; nil except in a plan.
        var usages: [ZoneUsage]?
        var problems: [Report.Problem] = []

        /// Service ID → the certificates of the hosts that it requests.
        var lineagesOfServices: [String: Set<String>] {
            let certificates = certificates.filter(\.isInUse).byHost
            return hosts.filter { $0.origin.kind == .service }.reduce(into: [:]) { services, host in
                let lineages = (certificates[host.name] ?? []).map { $0.servedBy ?? $0.lineage }
                services[host.origin.id, default: []].formUnion(lineages)
            }
        }

        /// Service ID → the hosts that it alone requests, or requested first.
        var hostsOfServices: [String: Set<DomainName>] {
            let own = first.ownHosts(among: hosts).filter { $0.key.kind == .service }
            return Dictionary(own.map { ($0.key.id, $0.value) }) { $0.union($1) }
        }

        /// The hosts that a lineage serves.
        func hosts(of lineage: String) -> Set<DomainName> {
            Set(certificates.filter { ($0.servedBy ?? $0.lineage) == lineage }.flatMap(\.hosts))
        }

        /// Of the hosts whose certificates are on disk.
        var fingerprints: [DomainName: Fingerprint] {
            certificates.reduce(into: [:]) { fingerprints, certificate in
                guard let fingerprint = certificate.fingerprint else { return }
                for host in certificate.hosts { fingerprints[host] = fingerprint }
            }
        }
    }

    /// What was delivered to the programs that use certificates.
    private struct Delivered {
        var signals: [SignalReport] = []
        var secrets: [SecretReport] = []
        var refusals: [Refusal] = []
        /// Why programs are not told of certificates.
        var hints: [Hint] = []
        var problems: [Report.Problem] = []
    }

    init(_ pipeline: Pipeline, _ cause: RunCause, writes: Bool, _ progress: @escaping ProgressHandler) {
        (self.pipeline, self.cause, self.writes, self.progress) = (pipeline, cause, writes, progress)
        started = pipeline.clock.now
        times = StageTimes(pipeline.clock)
    }

    /// If only events requested the run and the same is desired as when everything was last read, only the engine and
    /// the disk are read – unless a certificate is to be ordered.
    func run() async -> Report {
        if writes {
            takeBaseline()
            let accepted = SourceConfirmation.names(in: cause.confirmations)
            SourceStore(state: pipeline.state).accept(accepted, among: pipeline.discovery.sources)
        }
        // A plan shows what a new source would do.
        switch await times.measure(.discover, { await pipeline.discover(withholds: writes) }) {
        case .unavailable(let reason):
            if writes { pipeline.records.markReadIncomplete() }
            return announced(report(nil, problems: [Report.Problem(.discover, reason)]))
        case .known(let discovered):
            let recalled = await recall(discovered)
            let desired = if let recalled { recalled } else { await readAll(discovered) }
            // Once per run, after all certificates.
            let delivered = await times.measure(.signal) { await deliver(desired) }
            let mounts = pipeline.hints(on: discovered.mounts, desired.certificates)
            let serving = await times.measure(.signal) { await checkServing(desired, delivered) }
            let problems = discovered.problems.map { Report.Problem(.discover, $0) }
            return announced(
                report(discovered, desired, delivered, serving.explained(by: mounts), mounts, problems: problems)
            )
        }
    }

    private func report(
        _ discovered: Discovered?,
        _ desired: Desired = Desired(reach: .local, hosts: []),
        _ delivered: Delivered = Delivered(),
        _ serving: [ServingReport] = [],
        _ mounts: [Hint] = [],
        problems: [Report.Problem] = []
    ) -> Report {
        let ofState = [pipeline.state.damageNotice(at: started), writes ? pipeline.state.writeNotice : nil]
        let stateProblems = ofState.map { $0.map { Report.Problem(stage: "state", text: $0) } }
        return Report(
            cause: cause,
            started: started,
            duration: times.elapsed,
            isDryRun: !writes,
            reach: desired.reach,
            hosts: Self.hosts(desired),
            records: desired.records,
            deletions: desired.deletions,
            certificates: desired.certificates,
            signals: delivered.signals,
            secrets: delivered.secrets,
            serving: serving,
            refusals: (discovered?.refusals ?? []) + delivered.refusals,
            hints: unique((discovered?.hints ?? []) + desired.hints + delivered.hints + mounts),
            problems: unique(problems + desired.problems + delivered.problems + stateProblems),
            addresses: discovered != nil && pipeline.switches.records ? pipeline.address.confirmed : [],
            budgets: pipeline.budgets,
            zones: desired.usages,
            stages: times.all
        )
    }

    /// Desired hosts, and those that no label requests any more and whose records change, by name.
    private static func hosts(_ desired: Desired) -> [HostReport] {
        let hosts = Dictionary(grouping: desired.hosts, by: \.name)
        let records = Dictionary(grouping: desired.records, by: \.host).compactMapValues { RecordState($0) }
        let gone = records.filter { hosts[$0.key] == nil && $0.value.outcome != .unchanged }.keys
        return (Array(hosts.keys) + gone).sorted().map { name in
            HostReport(name: name, origins: (hosts[name] ?? []).map(\.origin), record: records[name])
        }
    }

    private func announced(_ report: Report) -> Report {
        guard writes, !Task.isCancelled else { return report }
        pipeline.notices.announce(report.conditions, unobserved: report.unseen, isClean: report.isClean)
        return report
    }
}

extension Reconciliation {
    /// With no state at all, what is on disk before the first run counts as signalled to every container. A store that
    /// cannot be written says so itself.
    private func takeBaseline() {
        guard pipeline.switches.signals, pipeline.signals.needsBaseline,
            let present = pipeline.certificates.onDisk().value
        else { return }
        try? pipeline.signals.saveBaseline(present)
    }

    /// What is known from the disk and the last run that read everything; nil when that is not enough.
    private func recall(_ discovered: Discovered) async -> Desired? {
        guard !cause.readsEverything, let known = pipeline.memory.recall(discovered) else { return nil }
        let hosts = known.zones.place(discovered.hosts)
        let first = pipeline.firstRequesters(hosts, known.zones, saves: writes)
        let plan = await pipeline.planCertificates(
            hosts,
            known.zones,
            KnownRecords(cuts: known.cuts),
            first: first,
            refusals: discovered.refusals + discovered.waiting
        )
        guard !plan.hasOrders || !writes else { return nil }
        return Desired(
            reach: .local,
            hosts: hosts,
            first: first,
            records: known.records,
            ownNames: known.ownNames,
            deletions: known.deletions,
            certificates: plan.report,
            hints: await hints(hosts, plan.report, known.hints + plan.hints),
            problems: known.problems + plan.holdReasons.map { Report.Problem(.certificate, $0) }
        )
    }

    /// - Parameter name: a name that is looked at, though no label may request it.
    func readAll(_ discovered: Discovered, including name: DomainName? = nil) async -> Desired {
        let forgotten = ZoneConfirmation.zones(in: cause.confirmations)
        let zones = await times.measure(.zones) {
            name == nil
                ? await pipeline.readZones(for: discovered, forgetting: forgotten)
                : await pipeline.zonesOfAllProviders(forgetting: forgotten)
        }
        if writes { ZoneStore(state: pipeline.state).save(zones, pipeline.insiders, forgetting: forgotten) }
        // From here on hosts have the names that are served, for records, certificates and reports alike.
        let hosts = zones.place(discovered.hosts)
        let first = pipeline.firstRequesters(hosts, zones, saves: writes)
        for host in hosts { progress(Progress(.discover, host.name.text, .started)) }
        // The views side by side: a failure inside holds nothing back outside.
        async let insidePart = reconcileInternalRecords(hosts, first, discovered, zones, including: name)
        let read = await times.measure(.record) { await pipeline.readRecords(hosts, zones, including: name) }
        let actual = pipeline.writesRecords ? read : nil
        if writes {
            let known = pipeline.switches.certificates ? pipeline.knownRecords(actual, wanted: hosts) : nil
            pipeline.certificates.markStarted(known)
        }
        // Side by side: a certificate never depends on its host's address or record.
        async let recordPart = reconcileRecords(hosts, first, discovered, actual)
        let certificatePlan = await times.measure(.certificate) {
            await planCertificates(hosts, first, discovered.refusals + discovered.waiting, zones, actual)
        }
        // But in a zone that gets records, orders wait for them: a zone that has no room for those has none for a challenge.
        if writes, certificatePlan.hasOrders, let actual,
            certificatePlan.publishes(in: actual.zonesLackingRecords(of: hosts))
        {
            _ = await recordPart
        }
        async let certificatePart = times.measure(.certificate) { await applyCertificates(certificatePlan, zones) }
        let (certificates, inside) = (await certificatePart, await insidePart)
        let records = await recordPart.joined(with: inside.part)
        if writes { FullZoneStore(state: pipeline.state).save(zones.full) }
        var held = zoneProblems(zones, records.reports, certificates.reports)
        if let zonesInside = zones.internal {
            held += zoneProblems(zonesInside, inside.part.reports, [], of: "internal zone")
            if writes { FullZoneStore(state: pipeline.state, of: .internal).save(zonesInside.full) }
        }
        let problems = zones.allFailures.map { Report.Problem(.record, $0) } + records.problems + held
        let sawAll = zones.allFailures.isEmpty && records.sawAll
        if !Task.isCancelled, name == nil {
            let look = RunMemory.Look(
                discovered: discovered,
                zones: zones,
                records: writes ? records.reports.compactMap(\.settled) : records.reports,
                ownNames: records.ownNames,
                deletions: records.deletions.flatMap { $0.isConfirmed ? nil : $0 },
                cuts: actual?.cuts ?? [:],
                hints: records.hints,
                problems: unique(problems)
            )
            pipeline.memory.save(look, sawAll: sawAll)
        }
        return Desired(
            reach: .all,
            hosts: hosts,
            zones: zones,
            actual: read,
            actualInside: inside.actual,
            first: first,
            records: records.reports,
            ownNames: records.ownNames,
            deletions: records.deletions,
            certificates: certificates.reports,
            hints: await hints(hosts, certificates.reports, records.hints + certificates.hints),
            usages: name == nil ? await usage(actual) : nil,
            problems: problems + certificates.problems
        )
    }

    /// One for each zone that the world does not get, or that is full, if anything waits for it.
    private func zoneProblems(
        _ zones: ZoneDirectory,
        _ records: [RecordReport],
        _ certificates: [CertificateReport],
        of kind: String = "zone"
    ) -> [Report.Problem] {
        let unserved = zones.entries.compactMap { entry in entry.zone.unservedReason.map { (entry.zone.name, $0) } }
        let full = zones.full.entries.keys.compactMap { zone in zones.full.sentence(of: zone).map { (zone, $0) } }
        return (unserved + full.sorted { $0.0 < $1.0 }).compactMap { zone, reason in
            func fails(_ outcome: Outcome) -> Bool { outcome.isFailure && outcome.detail?.contains(reason) ?? false }
            let waiting = certificates.filter { fails($0.outcome) }
            let renewals = waiting.count { $0.fingerprint != nil }
            let counts = [
                counted(records.count { fails($0.outcome) }, "record"), counted(renewals, "renewal"),
                counted(waiting.count - renewals, "new certificate"),
            ].compactMap(\.self)
            guard !counts.isEmpty else { return nil }
            let held = zones.full.usage(of: zone).map { "it holds \($0.amount); " } ?? ""
            let text = "\(reason); \(held)waiting for it: \(counts.joined(separator: ", "))"
            return Report.Problem(stage: "\(kind) \(zone)", text: text, cause: reason)
        }
    }

    /// How full the zones are. Only a plan asks for it: nothing depends on it.
    private func usage(_ actual: ActualRecords?) async -> [ZoneUsage]? {
        guard !writes, let actual else { return nil }
        var usages: [ZoneUsage] = []
        for entry in actual.zones.entries {
            guard let contents = actual.contents[entry.zone]?.value else { continue }
            let counted = contents.count.map { ZoneUsage(zone: entry.zone.name, records: $0, limit: nil) }
            if let usage = await entry.provider.usage(of: entry.zone) ?? counted { usages.append(usage) }
        }
        return usages
    }

    /// What a person should know although nothing failed.
    private func hints(_ hosts: [DesiredHost], _ certificates: [CertificateReport], _ orders: [Hint]) async -> [Hint] {
        let addressed = Set(hosts.filter { $0.target == .publicAddress }.map(\.name))
        let flips = pipeline.writesRecords && !addressed.isEmpty ? pipeline.address.flips : []
        let faults = pipeline.switches.certificates ? await pipeline.certificates.nameServerFaults() : [:]
        let ofServers = faults.sorted { $0.key < $1.key }.flatMap { zone, texts in
            let affected = Set(hosts.map(\.name).filter { $0.ancestry.contains(zone[...]) })
            return texts.map { Hint($0, about: affected) }
        }
        return unique(
            certificates.map(\.hint) + orders + flips.map { Hint($0, about: addressed) } + ofServers
        )
    }

    /// What was found and done about records.
    private struct RecordPart {
        var reports: [RecordReport] = []
        var deletions: Deletions?
        var problems: [Report.Problem] = []
        var sawAll = true
        var hints: [Hint] = []
        /// The names at which this instance has a record; nil where no records are written.
        var ownNames: Set<DomainName>?

        /// Both, of two views. Where deletions wait in both, those of the public view are confirmed first.
        func joined(with inside: RecordPart) -> RecordPart {
            var part = self
            let lists = [deletions, inside.deletions].compactMap(\.self)
            part.deletions = lists.first(where: \.isConfirmed) ?? lists.first
            part.reports += inside.reports
            part.problems += inside.problems
            part.hints += inside.hints
            part.sawAll = sawAll && inside.sawAll
            return part
        }
    }

    /// The internal view: this machine's address there, and zones of its own.
    private func reconcileInternalRecords(
        _ hosts: [DesiredHost],
        _ first: FirstRequesters,
        _ discovered: Discovered,
        _ zones: ZoneDirectory,
        including name: DomainName?
    ) async -> (part: RecordPart, actual: ActualRecords?) {
        guard let inside = pipeline.inside,
            let actual = await pipeline.readInternalRecords(hosts, zones, including: name)
        else { return (RecordPart(), nil) }
        let hosts = zones.hosts(hosts, in: .internal)
        let addresses = hosts.needAddress ? inside.address.find(inside.interfaces) : nil
        let desired = DesiredState(
            hosts,
            refusals: discovered.refusals + discovered.waiting,
            unreadReason: discovered.problems.first ?? zones.unplacedReason,
            addresses: addresses,
            confirmations: cause.confirmations,
            first: first,
            view: .internal
        )
        let plan = inside.records.plan(desired, actual)
        let progress: ProgressHandler = { [progress] step in
            progress(Progress(step.stage, "\(step.subject) (internal)", step.state))
        }
        let reports = await carryOut(plan, by: inside.records, progress)
        let part = RecordPart(
            reports: reports.map(\.inInternalView),
            deletions: plan.deletions,
            problems: addresses?.v4?.reason.map {
                [Report.Problem(.record, "the internal address is not known: \($0)")]
            } ?? [],
            sawAll: plan.isComplete,
            hints: plan.hints
        )
        return (part, actual)
    }

    private func carryOut(
        _ plan: RecordPlan,
        by stage: RecordStage,
        _ progress: @escaping ProgressHandler
    ) async -> [RecordReport] {
        for step in plan.steps where step.isReported {
            progress(Progress(.record, step.host.text, .planned(step.action.planned)))
        }
        guard writes else { return plan.report }
        return Task.isCancelled ? [] : await stage.apply(plan, progress: progress)
    }

    private func reconcileRecords(
        _ hosts: [DesiredHost],
        _ first: FirstRequesters,
        _ discovered: Discovered,
        _ actual: ActualRecords?
    ) async -> RecordPart {
        guard let actual else { return RecordPart() }
        let addresses =
            hosts.needAddress ? await times.measure(.address) { await pipeline.address.find() } : nil
        let desired = DesiredState(
            actual.zones.hosts(hosts, in: .public),
            refusals: discovered.refusals + discovered.waiting,
            unreadReason: discovered.problems.first ?? actual.zones.unplacedReason,
            addresses: addresses?.addresses,
            confirmations: cause.confirmations,
            first: first
        )
        let plan = pipeline.records.plan(desired, actual)
        let reports = await times.measure(.record) { await carryOut(plan, by: pipeline.records, progress) }
        let problems = (addresses?.families ?? []).compactMap { finding in
            finding.unconfirmedReason.map { Report.Problem(stage: finding.family.stage, text: $0) }
        }
        return RecordPart(
            reports: reports,
            deletions: plan.deletions,
            problems: problems,
            sawAll: plan.isComplete,
            hints: plan.hints,
            ownNames: pipeline.records.ownNames(in: plan)
        )
    }

    /// What was found and done about certificates.
    private struct CertificatePart {
        let reports: [CertificateReport]
        let hints: [Hint]
        let problems: [Report.Problem]
    }

    private func planCertificates(
        _ hosts: [DesiredHost],
        _ first: FirstRequesters,
        _ refusals: [Refusal],
        _ zones: ZoneDirectory,
        _ actual: ActualRecords?
    ) async -> CertificatePlan {
        if writes, pipeline.switches.certificates { await pipeline.certificates.awaitOrphans() }
        let plan = await pipeline.planCertificates(
            hosts,
            zones,
            pipeline.knownRecords(actual, wanted: hosts),
            first: first,
            refusals: refusals,
            asksAuthority: writes,
            confirmations: cause.confirmations,
            isByHand: writes && cause.kinds.contains(.once)
        )
        for step in plan.steps where !step.hosts.isEmpty {
            progress(Progress(.certificate, step.lineage, .planned(step.action.planned)))
        }
        return plan
    }

    private func applyCertificates(
        _ plan: CertificatePlan,
        _ zones: ZoneDirectory
    ) async -> CertificatePart {
        let problems = plan.holdReasons.map { Report.Problem(.certificate, $0) }
        guard writes, pipeline.switches.certificates else {
            return CertificatePart(reports: plan.report, hints: plan.hints, problems: problems)
        }
        guard !Task.isCancelled else { return CertificatePart(reports: [], hints: [], problems: problems) }
        let stage = pipeline.certificates
        let reports = await stage.apply(plan, zones: zones, progress: progress)
        // One that others would meet too is one message, and not one for each host.
        let common = stage.commonFailures.filter { reason in reports.contains { $0.outcome == .failed(reason) } }
        return CertificatePart(
            reports: reports,
            hints: plan.hints,
            problems: problems + common.map { Report.Problem(.certificate, $0) }
        )
    }
}

extension Reconciliation {
    /// Signals and secrets; of a plan, those for which the certificates that are due count as issued.
    private func deliver(_ desired: Desired) async -> Delivered {
        guard pipeline.switches.signals, !Task.isCancelled else { return Delivered() }
        var delivered = Delivered()
        do throws(Unavailable) {
            let deliverable = try pipeline.certificates.deliverable(saves: writes).known()
            let present = deliverable.certificates
            let lineages = Set(desired.certificates.map { $0.servedBy ?? $0.lineage })
            delivered.hints = lineages.sorted().compactMap { lineage in
                deliverable.heldBack[lineage].map { Hint($0, about: desired.hosts(of: lineage)) }
            }
            let certificates = writes ? present : expected(after: desired.certificates, present)
            let plan = try await pipeline.signals.plan(certificates, baseline: present).known()
            delivered.refusals = plan.refusals
            delivered.signals = writes ? await send(plan, for: present) : plan.report
            delivered.hints += pipeline.signals.hints(present)
            guard !Task.isCancelled else { return delivered }
            let (secrets, rights) = (pipeline.secrets, secretRights(desired))
            delivered.secrets = try await
                (writes
                ? secrets.deliver(deliverable.expired + present, rights: rights) { pipeline.certificates.pair(of: $0) }
                : secrets.deliver(deliverable.expired + certificates, rights: rights, read: nil)).known()
        } catch {
            delivered.problems.append(Report.Problem(.signal, error.reason))
        }
        return delivered
    }

    private func secretRights(_ desired: Desired) -> SecretRights {
        // Those that a plan would order are Landfall's as well.
        let due = desired.certificates.filter(\.outcome.isChange).map(\.lineage)
        return SecretRights(
            hosts: desired.hostsOfServices,
            lineages: desired.lineagesOfServices,
            ordered: pipeline.certificates.ordered.union(due),
            served: desired.ownNames
        )
    }

    private func send(_ plan: SignalPlan, for present: [CertificateOnDisk]) async -> [SignalReport] {
        let all = cause.readsEverything
        let sent = await pipeline.signals.apply(plan, certificates: present, retriesSilent: all, progress: progress)
        return sent.map(\.report)
    }

    /// What is on disk once the due certificates are issued. Their fingerprints are like no others.
    private func expected(after reports: [CertificateReport], _ present: [CertificateOnDisk]) -> [CertificateOnDisk] {
        let due = reports.filter(\.outcome.isChange)
        let replaced = Set(due.map(\.lineage))
        let kept = present.filter { !replaced.contains($0.lineage) }
        return kept
            + due.map {
                CertificateOnDisk(
                    lineage: $0.lineage,
                    names: $0.names,
                    fingerprint: Fingerprint(hex: "planned"),
                    notBefore: started,
                    notAfter: started,
                    changed: started
                )
            }
    }

    /// Says what servers are to be asked, and returns their last answers.
    private func checkServing(_ desired: Desired, _ delivered: Delivered) async -> [ServingReport] {
        let stage = pipeline.serving
        guard writes, pipeline.switches.signals, !Task.isCancelled else { return [] }
        let checks = stage.checks(desired.hosts.filter { !desired.first.isLate($0) }, desired.fingerprints)
        let news =
            desired.certificates.map(\.outcome) + delivered.signals.map(\.outcome) + delivered.secrets.map(\.outcome)
        let occasion: ServingStage.Occasion =
            if news.contains(where: \.isChange) {
                .change
            } else if cause.kinds.contains(where: \.isUrgent) {
                .request
            } else {
                cause.readsEverything ? .interval : .event
            }
        let updating = Set(delivered.secrets.filter(\.isInProgress).map(\.service))
        let hosts = desired.hosts.filter { $0.origin.kind == .service && updating.contains($0.origin.name) }
        return await stage.report(checks, occasion, postponing: Set(hosts.map(\.name)))
    }
}

extension CertificateReport {
    fileprivate var hint: Hint? { warning.map { Hint($0, about: Set(hosts)) } }

    /// Whether it is more than the rejection of a request.
    fileprivate var isInUse: Bool { action != .refuse || fingerprint != nil }
}

/// Why something could not be read.
private struct Unavailable: Error {
    let reason: String
}

extension Observation {
    fileprivate func known() throws(Unavailable) -> Value {
        switch self {
        case .known(let value): return value
        case .unavailable(let reason): throw Unavailable(reason: reason)
        }
    }
}

extension IPAddress.Family {
    /// The stage that its problems belong to: each family fails and is announced alone.
    var stage: String {
        switch self {
        case .v4: Progress.Stage.address.rawValue
        case .v6: "IPv6 address"
        }
    }
}

/// `3 renewals`; nil for none.
private func counted(_ number: Int, _ noun: String) -> String? {
    number == 0 ? nil : number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
}

/// The values that are there, each once, in their order.
func unique<Value: Hashable>(_ values: [Value?]) -> [Value] {
    var seen: Set<Value> = []
    return values.compactMap(\.self).filter { seen.insert($0).inserted }
}

/// How long the stages of one run take.
final class StageTimes: Sendable {
    private let clock: any Clock
    private let start: Duration
    /// Keyed by stage; a stage that has two parts adds up.
    private let stages = Mutex<[StageReport]>([])

    init(_ clock: any Clock) { (self.clock, start) = (clock, clock.uptime) }

    var elapsed: Duration { clock.uptime - start }

    /// In the order in which they began, or at the same moment in their usual order.
    var all: [StageReport] {
        let parts = Dictionary(grouping: stages.withLock(\.self), by: \.stage)
        let joined = StageReport.Stage.allCases.compactMap { stage -> StageReport? in
            guard let parts = parts[stage], let began = parts.map(\.began).min() else { return nil }
            return StageReport(stage: stage, began: began, duration: parts.map(\.duration).reduce(0, +))
        }
        return joined.enumerated().sorted { ($0.element.began, $0.offset) < ($1.element.began, $1.offset) }
            .map(\.element)
    }

    func measure<Value>(_ stage: StageReport.Stage, _ work: () async -> Value) async -> Value {
        let began = elapsed
        let value = await work()
        let part = StageReport(stage: stage, began: began.inSeconds, duration: (elapsed - began).inSeconds)
        stages.withLock { $0.append(part) }
        return value
    }
}
