import Model
import Report

/// What is remembered of a host beyond the run that found it.
struct HostHistory: Codable, Hashable {
    var signal: SignalStatus?
    var lastError: LastError?

    var isEmpty: Bool { signal == nil && lastError == nil }

    fileprivate mutating func update(_ error: LastError?) {
        guard var error else {
            lastError?.isOver = true
            return
        }
        if let lastError, !lastError.isOver, lastError.stage == error.stage { error.since = lastError.since }
        lastError = error
    }
}

/// Builds the status of every host from a run's report and from what is remembered.
struct HostStatusBuilder {
    let hosts: [HostStatus]
    let histories: [DomainName: HostHistory]

    init(_ report: Report, _ known: [DomainName: HostHistory]) {
        let certificates = Self.certificates(report)
        let signals = Self.signals(report)
        let served = Self.served(report)
        var histories: [DomainName: HostHistory] = [:]
        hosts = report.hosts.map { host in
            let certificate = certificates[host.name]
            var history = known[host.name] ?? HostHistory()
            let signal = signals[host.name]
            if let signal { history.signal = signal }
            history.update(Self.error(host.record, certificate, signal, at: report.started))
            if !history.isEmpty { histories[host.name] = history }
            return HostStatus(
                name: host.name,
                origins: host.origins,
                record: host.record,
                certificate: certificate.map(Self.status),
                served: served[host.name] ?? .unknown,
                signal: history.signal,
                lastError: history.lastError
            )
        }
        // What is missing in an incomplete report may not be gone.
        self.histories = report.isComplete ? histories : known.merging(histories) { $1 }
    }

    /// Each host's certificate; of several, one that is refused or failed.
    private static func certificates(_ report: Report) -> [DomainName: CertificateReport] {
        report.certificates.reduce(into: [:]) { certificates, certificate in
            for host in certificate.hosts where certificates[host]?.outcome.isProblem != true {
                certificates[host] = certificate
            }
        }
    }

    private static func status(_ report: CertificateReport) -> CertificateStatus {
        let (begin, end) = (report.notBefore, report.notAfter)
        return CertificateStatus(lineage: report.lineage, outcome: report.outcome, notBefore: begin, notAfter: end)
    }

    /// Of a host that is checked at several endpoints, one that does not serve the certificate.
    private static func served(_ report: Report) -> [DomainName: Served] {
        report.serving.reduce(into: [:]) { served, check in
            if let reason = check.reason {
                served[check.host] = .not("\(check.endpoint): \(sanitized(reason))")
            } else if served[check.host] == nil {
                served[check.host] = .yes
            }
        }
    }

    /// The signals that were sent, or should have been, for each host's certificate.
    private static func signals(_ report: Report) -> [DomainName: SignalStatus] {
        guard !report.signals.isEmpty else { return [:] }
        let hosts = Dictionary(grouping: report.certificates, by: \.lineage).mapValues { $0.flatMap(\.hosts) }
        var signals: [DomainName: SignalStatus] = [:]
        for sent in report.signals where sent.outcome != .unchanged {
            let target = sanitized(sent.displayName, limit: 100)
            let signal = SignalStatus(at: report.started, signal: sent.signal, target: target, outcome: sent.outcome)
            for host in sent.lineages.flatMap({ hosts[$0] ?? [] }) where signals[host]?.outcome.isProblem != true {
                signals[host] = signal
            }
        }
        return signals
    }

    /// What is wrong with a host; a failure counts before a refusal.
    private static func error(
        _ record: RecordState?,
        _ certificate: CertificateReport?,
        _ signal: SignalStatus?,
        at now: Timestamp
    ) -> LastError? {
        let expired = certificate?.notAfter.flatMap { $0 <= now ? Outcome.failed("it expired on \($0.day)") : nil }
        let outcomes: [(Progress.Stage, Outcome?)] = [
            (.record, record?.outcome), (.certificate, certificate?.outcome), (.signal, signal?.outcome),
            (.certificate, expired),
        ]
        let errors = outcomes.compactMap { LastError($0, $1, at: now) }
        return errors.first { !$0.isRefusal } ?? errors.first
    }
}

extension LastError {
    /// Nil for an outcome that is no problem.
    fileprivate init?(_ stage: Progress.Stage, _ outcome: Outcome?, at now: Timestamp) {
        guard let outcome, outcome.isProblem else { return nil }
        let text = sanitized(outcome.detail ?? "")
        self.init(stage: stage.rawValue, text: text, isRefusal: !outcome.isFailure, since: now, last: now)
    }
}

extension Outcome {
    fileprivate var isProblem: Bool { self != .unchanged && !isChange }
}

extension SecretReport {
    var isProblem: Bool { outcome.isProblem }
}
