import Model
import Report

/// What is remembered of a host beyond the run that found it.
struct HostHistory: Codable, Hashable {
    var signal: SignalStatus?
    var trouble: LastError?

    var isEmpty: Bool { signal == nil && trouble == nil }
}

/// A run's report, host by host.
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
            let finding = Self.finding(host.record?.outcome, certificate, signal, at: report.started)
            history.note(finding, at: report.started)
            if !history.isEmpty { histories[host.name] = history }
            return HostStatus(
                name: host.name,
                origins: host.origins,
                record: host.record,
                certificate: certificate.map(CertificateStatus.init),
                served: served[host.name] ?? .unknown,
                signal: history.signal,
                trouble: history.trouble
            )
        }
        // What an incomplete run does not show is not gone.
        self.histories = report.isComplete ? histories : known.merging(histories) { $1 }
    }

    /// Each host's certificate; of several, the one that is in trouble.
    private static func certificates(_ report: Report) -> [DomainName: CertificateReport] {
        var certificates: [DomainName: CertificateReport] = [:]
        for certificate in report.certificates {
            for host in certificate.hosts {
                let known = certificates[host]
                if known.map({ $0.outcome.trouble == nil }) ?? true { certificates[host] = certificate }
            }
        }
        return certificates
    }

    /// Of a host that is looked at in several places, one where it is not served.
    private static func served(_ report: Report) -> [DomainName: Served] {
        (report.serving ?? []).reduce(into: [:]) { served, look in
            if let trouble = look.trouble {
                served[look.host] = .not("\(look.endpoint): \(sanitized(trouble))")
            } else if served[look.host] == nil {
                served[look.host] = .yes
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
                target: sanitized(sent.name, limit: 100),
                outcome: sent.outcome
            )
            for host in sent.lineages.flatMap({ hosts[$0] ?? [] }) where signals[host]?.outcome.trouble == nil {
                signals[host] = signal
            }
        }
        return signals
    }

    /// What is the matter with a host; a failure counts before a refusal.
    private static func finding(
        _ record: Outcome?,
        _ certificate: CertificateReport?,
        _ signal: SignalStatus?,
        at now: Timestamp
    ) -> Finding? {
        let outcomes: [(Progress.Stage, Outcome?)] = [
            (.record, record), (.certificate, certificate?.outcome), (.signal, signal?.outcome),
        ]
        var findings = outcomes.compactMap { stage, outcome in outcome?.trouble.map { Finding(stage, $0) } }
        if let end = certificate?.notAfter, end <= now {
            findings.append(Finding(.certificate, (text: "it ended on \(end.day)", isRefusal: false)))
        }
        return findings.first { !$0.isRefusal } ?? findings.first
    }
}

private struct Finding {
    let stage: String
    let text: String
    let isRefusal: Bool

    init(_ stage: Progress.Stage, _ trouble: (text: String, isRefusal: Bool)) {
        (self.stage, text, isRefusal) = (stage.rawValue, sanitized(trouble.text), trouble.isRefusal)
    }
}

extension HostHistory {
    fileprivate mutating func note(_ finding: Finding?, at now: Timestamp) {
        guard let finding else {
            trouble = trouble?.over
            return
        }
        let isSame = trouble.map { !$0.isOver && $0.stage == finding.stage } ?? false
        trouble = LastError(
            stage: finding.stage,
            text: finding.text,
            isRefusal: finding.isRefusal,
            since: isSame ? trouble?.since ?? now : now,
            last: now,
            isOver: false
        )
    }
}

extension LastError {
    fileprivate var over: LastError {
        LastError(stage: stage, text: text, isRefusal: isRefusal, since: since, last: last, isOver: true)
    }
}

extension CertificateStatus {
    fileprivate init(_ report: CertificateReport) {
        lineage = report.lineage
        outcome = report.outcome
        (notBefore, notAfter) = (report.notBefore, report.notAfter)
    }
}

extension Outcome {
    fileprivate var trouble: (text: String, isRefusal: Bool)? {
        switch self {
        case .unchanged, .changed: nil
        case .refused(let reason): (reason, true)
        case .failed(let reason): (reason, false)
        }
    }
}
