import Model
import Ports
import Report
import Timing

/// The input of the metrics at one moment.
struct MetricsSnapshot {
    let status: StatusDocument
    let counters: Counters
    /// By host and status.
    let requests: [[String]: Int]
    let process: OwnProcess
}

/// The metrics in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct Metrics: CustomStringConvertible {
    static let mediaType = "text/plain; version=0.0.4"

    private(set) var description = ""
    private var family = ""

    init(_ snapshot: MetricsSnapshot) {
        daemon(snapshot.status)
        runs(snapshot.counters, snapshot.status)
        engine(snapshot.counters, snapshot.status)
        requests(snapshot.requests, snapshot.status)
        hosts(snapshot.status)
        changes(snapshot.counters, snapshot.status)
        process(snapshot.process)
    }

    private mutating func daemon(_ status: StatusDocument) {
        gauge("landfall_build_info", "The version and instance name of this Landfall.") {
            $0.sample(1, ("version", status.daemon.version), ("instance_name", status.daemon.instance))
        }
        gauge("landfall_dry_run", "Whether this is a dry run, which changes nothing.", status.daemon.isDryRun)
    }

    private mutating func runs(_ counters: Counters, _ status: StatusDocument) {
        counter("landfall_runs_total", "Runs that ended, by the first reason for each.") { page in
            for reason in Trigger.Kind.allCases {
                for outcome in RunSummary.Outcome.allCases {
                    let count = counters.runs[[reason.rawValue, outcome.rawValue]] ?? 0
                    page.sample(Double(count), ("reason", reason.label), ("outcome", outcome.rawValue))
                }
            }
        }
        histogram("landfall_run_duration_seconds", "How long runs take.") {
            $0.samples(of: counters.runSeconds)
        }
        histogram("landfall_stage_duration_seconds", "How long the stages of runs take.") { page in
            for stage in StageReport.Stage.allCases {
                guard let histogram = counters.stageSeconds[stage] else { continue }
                page.samples(of: histogram, ("stage", stage.rawValue))
            }
        }
        gauge("landfall_run_in_progress", "Whether a run is in progress.", status.run != nil)
        guard let last = status.runs.first else { return }
        gauge("landfall_last_run_timestamp_seconds", "When the last run began.", last.started.inSeconds)
        gauge("landfall_last_run_success", "Whether the last run had no failures.", last.outcome == .success)
    }

    private mutating func engine(_ counters: Counters, _ status: StatusDocument) {
        counter("landfall_triggers_total", "Triggers of runs; of the engine's events, those that matter.") { page in
            for kind in Trigger.Kind.allCases {
                page.sample(Double(counters.triggers[kind] ?? 0), ("kind", kind.label))
            }
        }
        let coalesced = "Triggers that were merged into the run of another."
        counter("landfall_triggers_coalesced_total", coalesced, Double(counters.coalesced))
        let isConnected = status.engine.state == .following
        gauge("landfall_engine_connected", "Whether the engine's event stream is connected.", isConnected)
        let reconnections = "How often the engine's event stream was reconnected."
        counter("landfall_engine_reconnections_total", reconnections, Double(counters.reconnections))
    }

    private mutating func requests(_ counts: [[String]: Int], _ status: StatusDocument) {
        counter("landfall_api_requests_total", "HTTP requests by host and status.", counts, "host", "status")
        gauge("landfall_api_budget_used_requests", "Requests used within the provider's window.") { page in
            for budget in status.budgets { page.sample(Double(budget.used), ("provider", budget.provider)) }
        }
        gauge("landfall_api_budget_limit_requests", "Requests that the provider allows in its window.") { page in
            for budget in status.budgets { page.sample(Double(budget.limit), ("provider", budget.provider)) }
        }
    }

    private mutating func hosts(_ status: StatusDocument) {
        let hosts = status.hosts ?? []
        gauge("landfall_hosts", "Hosts by the state of their worst stage.") { page in
            for health in HostStatus.Health.allCases {
                page.sample(Double(hosts.count { $0.health == health }), ("state", health.rawValue))
            }
        }
        gauge("landfall_records", "Records by view and how they ended the last run.") { page in
            for records in status.records {
                page.sample(Double(records.count), ("view", records.view.rawValue), ("outcome", records.outcome))
            }
        }
        gauge("landfall_refused_labels", "Rejected labels.", Double(status.refusals.count))
        for (name, help, time) in [
            ("landfall_certificate_not_before_timestamp_seconds", "When a host's certificate begins.", \.notBefore),
            ("landfall_certificate_not_after_timestamp_seconds", "When a host's certificate expires.", \.notAfter),
        ] as [(String, String, KeyPath<CertificateStatus, Timestamp?> & Sendable)] {
            gauge(name, help) { page in
                for certificate in hosts.compactMap({ host in host.certificate.map { (host.name, $0) } }) {
                    guard let moment = certificate.1[keyPath: time] else { continue }
                    page.sample(moment.inSeconds, ("host", certificate.0.text), ("certificate", certificate.1.lineage))
                }
            }
        }
        gauge("landfall_certificate_served", "Whether the certificate on disk is the one that is served.") { page in
            for host in hosts where host.served != .unknown {
                page.sample(host.served == .yes ? 1 : 0, ("host", host.name.text))
            }
        }
        gauge("landfall_secret_delivered", "Whether a service has its certificates as secrets.") { page in
            for secret in status.secrets {
                page.sample(secret.isProblem || secret.isInProgress ? 0 : 1, ("service", secret.service))
            }
        }
        gauge("landfall_ca_limit_used", "How much of the CA's limit is used within its window.") { page in
            for use in status.limits {
                page.sample(Double(use.used), ("kind", use.kind.rawValue), ("subject", use.subject))
            }
        }
        gauge("landfall_ca_limit", "The CA's limit within its window.") { page in
            for use in status.limits {
                page.sample(Double(use.limit), ("kind", use.kind.rawValue), ("subject", use.subject))
            }
        }
        gauge("landfall_backoff_failures", "Failures since the last success of a certificate that is held back.") {
            page in
            for backoff in status.backoffs { page.sample(Double(backoff.failures), ("certificate", backoff.subject)) }
        }
        let help = "When a certificate that is held back may be tried again."
        gauge("landfall_backoff_until_timestamp_seconds", help) { page in
            for backoff in status.backoffs { page.sample(backoff.until.inSeconds, ("certificate", backoff.subject)) }
        }
    }

    private mutating func changes(_ counters: Counters, _ status: StatusDocument) {
        let help = "Changes of records and certificates, made or failed."
        counter("landfall_changes_total", help, counters.changes, "stage", "outcome")
        counter("landfall_signals_total", "Signals to containers by outcome.", counters.signals, "outcome")
        let notifications = "Notifications by notifier and outcome."
        counter("landfall_notifications_total", notifications, counters.notifications, "notifier", "outcome")
        let silent = Set(status.silentNotifiers.map(\.notifier))
        gauge("landfall_notifier_failing", "Whether a notifier's last attempt to deliver a notice failed.") { page in
            for notifier in silent.union(counters.notifications.keys.compactMap(\.first)).sorted() {
                page.sample(silent.contains(notifier) ? 1 : 0, ("notifier", notifier))
            }
        }
    }

    /// Under the names that all exporters share.
    private mutating func process(_ process: OwnProcess) {
        counter("process_cpu_seconds_total", "User and system CPU time in seconds.", process.cpuSeconds)
        gauge("process_resident_memory_bytes", "Resident memory size in bytes.", Double(process.residentBytes))
        gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", Double(process.virtualBytes))
        let start = "Start time of the process since the Unix epoch in seconds."
        gauge("process_start_time_seconds", start, process.startSeconds)
        gauge("process_open_fds", "Number of open file descriptors.", Double(process.openDescriptors))
        gauge("process_max_fds", "Maximum number of open file descriptors.", Double(process.descriptorLimit))
        gauge("process_threads", "Number of OS threads.", Double(process.threads))
    }
}

extension Trigger.Kind {
    fileprivate var label: String {
        switch self {
        case .startUp: "start"
        case .event: "event"
        case .reconnection: "reconnection"
        case .timer: "timer"
        case .hangUp: "sighup"
        case .file: "file"
        case .once: "once"
        }
    }
}

extension Timestamp {
    fileprivate var inSeconds: Double { Double(nanoseconds / 1_000_000) / 1000 }
}

extension Metrics {
    typealias Label = (name: String, value: String)

    mutating func gauge(_ name: String, _ help: String, _ value: Double) { gauge(name, help) { $0.sample(value) } }

    mutating func gauge(_ name: String, _ help: String, _ value: Bool) { gauge(name, help, value ? 1 : 0) }

    mutating func counter(_ name: String, _ help: String, _ value: Double) { counter(name, help) { $0.sample(value) } }

    /// Counts by the values of `labels`, in the order of the values.
    mutating func counter(_ name: String, _ help: String, _ counts: [[String]: Int], _ labels: String...) {
        counter(name, help) { page in
            for (values, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                page.line(name, zip(labels, values).map { ($0, $1) }, "\(count)")
            }
        }
    }

    mutating func gauge(_ name: String, _ help: String, _ samples: (inout Metrics) -> Void) {
        write(name, "gauge", help, samples)
    }

    mutating func counter(_ name: String, _ help: String, _ samples: (inout Metrics) -> Void) {
        write(name, "counter", help, samples)
    }

    mutating func histogram(_ name: String, _ help: String, _ samples: (inout Metrics) -> Void) {
        write(name, "histogram", help, samples)
    }

    private mutating func write(
        _ name: String,
        _ kind: String,
        _ help: String,
        _ samples: (inout Metrics) -> Void
    ) {
        description += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        family = name
        samples(&self)
    }

    mutating func sample(_ value: Double, _ labels: Label...) { line(family, labels, Self.number(value)) }

    mutating func samples(of histogram: Histogram, _ labels: Label...) {
        var count = 0
        for (index, more) in histogram.counts.enumerated() {
            count += more
            let bound = index < Histogram.bounds.count ? Self.number(Histogram.bounds[index]) : "+Inf"
            line("\(family)_bucket", labels + [("le", bound)], "\(count)")
        }
        line("\(family)_sum", labels, Self.number(histogram.sum))
        line("\(family)_count", labels, "\(count)")
    }

    private mutating func line(_ name: String, _ labels: [Label], _ value: String) {
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        description += list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
    }

    /// Whole numbers without a point.
    private static func number(_ value: Double) -> String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }

    private static func escaped(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\", "\"": text += "\\\(scalar)"
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
