import Address
import Certificates
import DNS
import Discovery
import Model
import Ports
import Records
import Report
import Signals
import Timing

/// A report while its run goes on.
struct ReportDraft {
    private let cause: RunCause
    private let started: Timestamp
    private let startUptime: Duration
    private let isDryRun: Bool
    let times: StageTimes
    private var reach = Report.Reach.local
    private var hosts: [DesiredHost] = []
    private var records: [DomainName: RecordReport] = [:]
    private var deletions: Deletions?
    private var certificates: [CertificateReport] = []
    private var signals: [SignalReport] = []
    private var secrets: [SecretReport] = []
    private var serving: [ServingReport] = []
    /// Services that are yet to get what they were given.
    private var servicesUnderWay: Set<String> = []
    private var refusals: [Refusal] = []
    private var hints: [String] = []
    private var problems: [Report.Problem] = []
    private var addresses: [AddressReport]?

    init(_ cause: RunCause, at clock: any Clock, isDryRun: Bool) {
        (self.cause, started, startUptime, self.isDryRun) = (cause, clock.now, clock.uptime, isDryRun)
        times = StageTimes(clock, since: startUptime)
    }

    /// The value of an observation, or nil and a problem.
    mutating func take<Value>(_ observation: Observation<Value>, at stage: Progress.Stage) -> Value? {
        if let reason = observation.reason { problem(stage, reason) }
        return observation.value
    }

    mutating func problem(_ stage: Progress.Stage, _ text: String) {
        problem(stage.rawValue, text)
    }

    /// What this run does is remembered by this process alone.
    mutating func problem(ofState text: String) {
        problem("state", "the state store cannot be written: \(text)")
    }

    private mutating func problem(_ stage: String, _ text: String) {
        let problem = Report.Problem(stage: stage, text: text)
        if !problems.contains(problem) { problems.append(problem) }
    }

    mutating func note(_ discovered: Discovered) {
        hosts = discovered.hosts
        refusals += discovered.refusals
        hints = discovered.hints
    }

    /// The hosts have the names that are served, now that the zones are known.
    mutating func place(_ hosts: [DesiredHost]) {
        self.hosts = hosts
    }

    /// What was read and done where records are kept: from now on the report is one of everything.
    mutating func note(_ outcomes: RecordOutcomes, _ zones: ZoneDirectory) {
        reach = .all
        for failure in zones.failures { problem(.record, failure) }
        deletions = outcomes.deletions
        for finding in outcomes.addresses?.families ?? [] {
            if let trouble = finding.trouble { problem(finding.family.stage, trouble) }
        }
        for result in outcomes.results {
            let report = RecordReport(outcome: result.outcome, standing: result.record?.summary)
            records[result.host] = records[result.host].map { $0.beside(report) } ?? report
        }
    }

    mutating func note(_ believed: [ConfirmedAddressReport]) {
        addresses = believed.map {
            AddressReport(family: $0.family, address: $0.address, was: $0.was, witnesses: $0.witnesses)
        }
    }

    mutating func note(_ results: [CertificateResult]) {
        certificates = results.map { result in
            CertificateReport(
                lineage: result.lineage,
                hosts: result.hosts,
                outcome: result.outcome,
                fingerprint: result.onDisk?.fingerprint,
                notBefore: result.onDisk?.notBefore,
                notAfter: result.onDisk?.notAfter
            )
        }
    }

    mutating func note(_ more: [Refusal]) {
        refusals += more
    }

    mutating func note(_ results: [SignalResult]) {
        signals = results.map { result in
            SignalReport(
                container: result.target.container,
                name: result.target.name,
                signal: result.target.signal.description,
                lineages: result.target.lineages,
                result: isDryRun ? nil : result.delivery.word,
                outcome: result.outcome
            )
        }
    }

    /// Whether anybody was told of a new certificate.
    var hasSignalled: Bool { (signals.map(\.outcome) + secrets.map(\.outcome)).contains { $0.isChange } }

    var hasNewCertificate: Bool { certificates.contains { $0.outcome.isChange } }

    var lineagesOfServices: [String: Set<String>] {
        lineages(ofServices: hosts, certificates.map { ($0.lineage, $0.hosts) })
    }

    mutating func note(_ results: [SecretResult]) {
        secrets = results.map { SecretReport(service: $0.service, outcome: $0.outcome) }
        servicesUnderWay = Set(results.filter(\.isInProgress).map(\.service))
    }

    /// The hosts of services that are yet to get what they were given.
    var hostsUnderWay: Set<DomainName> {
        Set(hosts.filter { $0.origin.kind == .service && servicesUnderWay.contains($0.origin.name) }.map(\.name))
    }

    /// What servers are to be asked for: the hosts whose certificates are on disk.
    func checks(of stage: ServingStage) -> [ServingCheck] {
        var fingerprints: [DomainName: Fingerprint] = [:]
        for certificate in certificates {
            guard let fingerprint = certificate.fingerprint else { continue }
            for host in certificate.hosts { fingerprints[host] = fingerprint }
        }
        return stage.checks(hosts, fingerprints)
    }

    mutating func note(_ results: [ServingResult]) {
        serving = results.map { result in
            ServingReport(
                host: result.check.host,
                endpoint: result.check.endpoint.description,
                trouble: result.reason
            )
        }
    }

    /// What there is to be remembered of the records.
    func look(at discovered: Discovered, _ zones: ZoneDirectory) -> RunMemory.Look {
        let stages = [Progress.Stage.record.rawValue, IPAddress.Family.v4.stage, IPAddress.Family.v6.stage]
        return RunMemory.Look(
            discovered: discovered,
            zones: zones,
            records: isDryRun ? records : records.mapValues(\.settled),
            deletions: deletions.flatMap { $0.isConfirmed ? nil : $0 },
            problems: problems.filter { stages.contains($0.stage) }
        )
    }

    /// Takes over what an earlier run saw.
    mutating func recall(_ look: RunMemory.Look) {
        records = look.records
        deletions = look.deletions
        problems += look.problems
    }

    func finish(at uptime: Duration) -> Report {
        let byName = Dictionary(grouping: hosts, by: \.name)
        let gone = records.filter { byName[$0.key] == nil && $0.value.outcome != .unchanged }.keys
        return Report(
            cause: cause,
            started: started,
            duration: uptime - startUptime,
            isDryRun: isDryRun,
            reach: reach,
            hosts: (Array(byName.keys) + gone).sorted().map { name in
                HostReport(name: name, origins: (byName[name] ?? []).map(\.origin), record: records[name])
            },
            certificates: certificates,
            signals: signals,
            secrets: secrets,
            serving: serving,
            refusals: refusals,
            hints: hints,
            problems: problems,
            deletions: deletions,
            addresses: addresses,
            stages: times.all
        )
    }
}

extension IPAddress.Family {
    /// The families fail each for itself, and are told of so.
    var stage: String {
        switch self {
        case .v4: Progress.Stage.address.rawValue
        case .v6: "IPv6 address"
        }
    }
}

extension RecordReport {
    /// A host may have several records, or be asked for by two services: what went wrong must not hide behind what went
    /// well.
    fileprivate func beside(_ other: RecordReport) -> RecordReport {
        let outcome = self.outcome.beside(other.outcome)
        guard outcome.severity <= Outcome.changed("").severity else {
            return RecordReport(
                outcome: outcome,
                standing: self.outcome.severity >= other.outcome.severity ? standing : other.standing
            )
        }
        let all = [standing, other.standing].compactMap(\.self)
        return RecordReport(
            outcome: outcome,
            standing: all.isEmpty ? nil : Set(all).sorted().joined(separator: " and ")
        )
    }

    /// As of a later run: what was changed then stands now.
    fileprivate var settled: RecordReport {
        outcome.isChange ? RecordReport(outcome: .unchanged, standing: standing) : self
    }
}

extension Outcome {
    fileprivate func beside(_ other: Outcome) -> Outcome {
        switch (self, other) {
        case (.changed(let one), .changed(let another)) where one != another: .changed("\(one); \(another)")
        case (.refused(let one), .refused(let another)) where one != another: .refused("\(one); \(another)")
        case (.failed(let one), .failed(let another)) where one != another: .failed("\(one); \(another)")
        default: severity >= other.severity ? self : other
        }
    }

    fileprivate var severity: Int {
        switch self {
        case .unchanged: 0
        case .changed: 1
        case .refused: 2
        case .failed: 3
        }
    }
}

/// Service id → the certificates of the hosts that it asks for.
func lineages(
    ofServices hosts: [DesiredHost],
    _ certificates: [(lineage: String, hosts: [DomainName])]
) -> [String: Set<String>] {
    var lineages: [String: Set<String>] = [:]
    for host in hosts where host.origin.kind == .service {
        for certificate in certificates where certificate.hosts.contains(host.name) {
            lineages[host.origin.id, default: []].insert(certificate.lineage)
        }
    }
    return lineages
}
