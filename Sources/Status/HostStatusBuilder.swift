import Model
import Report

/// What is remembered of a host beyond the run that found it.
struct HostHistory: Codable, Hashable {
    var signal: SignalStatus?
    var lastError: LastError?

    var isEmpty: Bool { signal == nil && lastError == nil }

    fileprivate mutating func update(_ error: HostError?, at now: Timestamp) {
        guard let error else {
            lastError = lastError?.resolved
            return
        }
        let known = lastError.flatMap { !$0.isOver && $0.stage == error.stage ? $0 : nil }
        lastError = LastError(
            stage: error.stage,
            text: error.text,
            isRefusal: error.isRefusal,
            since: known?.since ?? now,
            last: now,
            isOver: false
        )
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
            history.update(Self.error(host.record, certificate, signal, at: report.started), at: report.started)
            if !history.isEmpty { histories[host.name] = history }
            return HostStatus(
                name: host.name,
                origins: host.origins,
                record: host.record,
                certificate: certificate.map(CertificateStatus.init),
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
        var certificates: [DomainName: CertificateReport] = [:]
        for certificate in report.certificates {
            for host in certificate.hosts where certificates[host]?.outcome.isProblem != true {
                certificates[host] = certificate
            }
        }
        return certificates
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
            let signal = SignalStatus(
                at: report.started,
                signal: sent.signal,
                target: sanitized(sent.displayName, limit: 100),
                outcome: sent.outcome
            )
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
    ) -> HostError? {
        var errors = [
            HostError(.record, record?.outcome), HostError(.certificate, certificate?.outcome),
            HostError(.signal, signal?.outcome),
        ].compactMap(\.self)
        if let end = certificate?.notAfter, end <= now {
            errors += [HostError(.certificate, .failed("it expired on \(end.day)"))].compactMap(\.self)
        }
        return errors.first { !$0.isRefusal } ?? errors.first
    }
}

/// Why one stage of a host was refused or failed.
private struct HostError {
    let stage: String
    let text: String
    let isRefusal: Bool

    /// Nil of an outcome that is no problem.
    init?(_ stage: Progress.Stage, _ outcome: Outcome?) {
        guard let outcome, outcome.isProblem else { return nil }
        (self.stage, text) = (stage.rawValue, sanitized(outcome.detail ?? ""))
        isRefusal = !outcome.isFailure
    }
}

extension LastError {
    fileprivate var resolved: LastError {
        LastError(stage: stage, text: text, isRefusal: isRefusal, since: since, last: last, isOver: true)
    }
}

extension CertificateStatus {
    fileprivate init(_ report: CertificateReport) {
        (lineage, outcome) = (report.lineage, report.outcome)
        (notBefore, notAfter) = (report.notBefore, report.notAfter)
    }
}

extension Outcome {
    fileprivate var isProblem: Bool {
        switch self {
        case .unchanged, .changed: false
        case .refused, .failed: true
        }
    }
}
