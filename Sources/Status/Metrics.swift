import Model
import Ports
import Report
import Timing

/// The input of the metrics at one moment.
struct MetricsSnapshot {
    let status: StatusDocument
    let counters: Counters
    let requests: [RequestMeter.Key: Int]
    let process: OwnProcess
}

/// The metrics in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct Metrics: CustomStringConvertible {
    /// The format's media type.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private var page = MetricsPage()

    var description: String { page.text }

    init(_ snapshot: MetricsSnapshot) {
        daemon(snapshot.status)
        runs(snapshot.counters, snapshot.status)
        engine(snapshot.counters, snapshot.status)
        requests(snapshot.requests, snapshot.status)
        hosts(snapshot.status)
        changes(snapshot.counters)
        process(snapshot.process)
    }

    private mutating func daemon(_ status: StatusDocument) {
        page.gauge("landfall_build_info", "The version and instance name of this Landfall.") {
            $0.sample(1, ("version", status.daemon.version), ("instance_name", status.daemon.instance))
        }
        page.gauge("landfall_dry_run", "Whether this is a dry run, which changes nothing.", status.daemon.isDryRun)
    }

    private mutating func runs(_ counters: Counters, _ status: StatusDocument) {
        page.counter("landfall_runs_total", "Runs that ended, by the first reason for each.") { page in
            for reason in Trigger.Kind.allCases {
                for outcome in RunSummary.Outcome.allCases {
                    let count = counters.runs[Counters.Run(reason: reason, outcome: outcome)] ?? 0
                    page.sample(Double(count), ("reason", reason.label), ("outcome", outcome.rawValue))
                }
            }
        }
        page.histogram("landfall_run_duration_seconds", "How long runs take.") {
            $0.samples(of: counters.runSeconds)
        }
        page.histogram("landfall_stage_duration_seconds", "How long the stages of runs take.") { page in
            for stage in StageReport.Stage.allCases {
                guard let histogram = counters.stageSeconds[stage] else { continue }
                page.samples(of: histogram, ("stage", stage.rawValue))
            }
        }
        page.gauge("landfall_run_in_progress", "Whether a run is in progress.", status.run != nil)
        guard let last = status.runs.first else { return }
        page.gauge("landfall_last_run_timestamp_seconds", "When the last run began.", last.started.inSeconds)
        page.gauge("landfall_last_run_success", "Whether the last run had no failures.", last.outcome == .success)
    }

    private mutating func engine(_ counters: Counters, _ status: StatusDocument) {
        page.counter("landfall_triggers_total", "Triggers of runs; of the engine's events, those that matter.") {
            page in
            for kind in Trigger.Kind.allCases {
                page.sample(Double(counters.triggers[kind] ?? 0), ("kind", kind.label))
            }
        }
        page.counter(
            "landfall_triggers_coalesced_total",
            "Triggers that were merged into the run of another.",
            Double(counters.coalesced)
        )
        page.gauge(
            "landfall_engine_connected",
            "Whether the engine's event stream is connected.",
            status.engine.state == .following
        )
        page.counter(
            "landfall_engine_reconnections_total",
            "How often the engine's event stream was reconnected.",
            Double(counters.reconnections)
        )
    }

    private mutating func requests(_ counts: [RequestMeter.Key: Int], _ status: StatusDocument) {
        page.counter("landfall_api_requests_total", "HTTP requests by host and status.") { page in
            page.samples(of: counts) { [("host", $0.host), ("status", $0.status)] }
        }
        page.gauge("landfall_api_budget_used_requests", "Requests used within the provider's window.") { page in
            for budget in status.budgets { page.sample(Double(budget.used), ("provider", budget.provider)) }
        }
        page.gauge("landfall_api_budget_limit_requests", "Requests that the provider allows in its window.") { page in
            for budget in status.budgets { page.sample(Double(budget.limit), ("provider", budget.provider)) }
        }
    }

    private mutating func hosts(_ status: StatusDocument) {
        let hosts = status.hosts ?? []
        page.gauge("landfall_hosts", "Hosts by the state of their worst stage.") { page in
            for health in HostStatus.Health.allCases {
                page.sample(Double(hosts.count { $0.health == health }), ("state", health.rawValue))
            }
        }
        page.gauge("landfall_refused_labels", "Rejected labels.", Double(status.refusals.count))
        page.gauge("landfall_certificate_not_after_timestamp_seconds", "When a host's certificate expires.") { page in
            for host in hosts {
                guard let certificate = host.certificate, let end = certificate.notAfter else { continue }
                page.sample(end.inSeconds, ("host", host.name.text), ("certificate", certificate.lineage))
            }
        }
        page.gauge("landfall_certificate_served", "Whether the certificate on disk is the one that is served.") {
            page in
            for host in hosts {
                if host.served != .unknown { page.sample(host.served == .yes ? 1 : 0, ("host", host.name.text)) }
            }
        }
        page.gauge("landfall_ca_limit_used", "How much of the CA's limit is used within its window.") { page in
            for use in status.limits {
                page.sample(Double(use.used), ("kind", use.kind.rawValue), ("subject", use.subject))
            }
        }
        page.gauge("landfall_ca_limit", "The CA's limit within its window.") { page in
            for use in status.limits {
                page.sample(Double(use.limit), ("kind", use.kind.rawValue), ("subject", use.subject))
            }
        }
        page.gauge("landfall_backoff_failures", "Failures since the last success of a certificate that is held back.") {
            page in
            for backoff in status.backoffs { page.sample(Double(backoff.failures), ("certificate", backoff.subject)) }
        }
        page.gauge(
            "landfall_backoff_until_timestamp_seconds",
            "When a certificate that is held back may be tried again."
        ) { page in
            for backoff in status.backoffs { page.sample(backoff.until.inSeconds, ("certificate", backoff.subject)) }
        }
    }

    private mutating func changes(_ counters: Counters) {
        page.counter("landfall_changes_total", "Changes of records and certificates, made or failed.") { page in
            page.samples(of: counters.changes) { [("stage", $0.stage.rawValue), ("outcome", $0.outcome)] }
        }
        page.counter("landfall_signals_total", "Signals to containers by outcome.") { page in
            page.samples(of: counters.signals) { [("outcome", $0)] }
        }
        page.counter("landfall_notifications_total", "Notifications by notifier and outcome.") { page in
            page.samples(of: counters.notifications) { [("notifier", $0.notifier), ("outcome", $0.outcome)] }
        }
    }

    /// Under the names that all exporters share.
    private mutating func process(_ process: OwnProcess) {
        page.counter("process_cpu_seconds_total", "User and system CPU time in seconds.", process.cpuSeconds)
        page.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", Double(process.residentBytes))
        page.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", Double(process.virtualBytes))
        page.gauge(
            "process_start_time_seconds",
            "Start time of the process since the Unix epoch in seconds.",
            process.startSeconds
        )
        page.gauge("process_open_fds", "Number of open file descriptors.", Double(process.openDescriptors))
        page.gauge("process_max_fds", "Maximum number of open file descriptors.", Double(process.descriptorLimit))
        page.gauge("process_threads", "Number of OS threads.", Double(process.threads))
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
        case .once: "once"
        }
    }
}

extension Timestamp {
    fileprivate var inSeconds: Double { Double(nanoseconds / 1_000_000) / 1000 }
}

/// The text of a scrape, written family by family.
struct MetricsPage {
    typealias Label = (name: String, value: String)

    private(set) var text = ""
    private var family = ""

    mutating func gauge(_ name: String, _ help: String, _ value: Double) {
        gauge(name, help) { $0.sample(value) }
    }

    mutating func gauge(_ name: String, _ help: String, _ value: Bool) {
        gauge(name, help) { $0.sample(value ? 1 : 0) }
    }

    mutating func counter(_ name: String, _ help: String, _ value: Double) {
        counter(name, help) { $0.sample(value) }
    }

    mutating func gauge(_ name: String, _ help: String, _ samples: (inout MetricsPage) -> Void) {
        write(name, "gauge", help, samples)
    }

    mutating func counter(_ name: String, _ help: String, _ samples: (inout MetricsPage) -> Void) {
        write(name, "counter", help, samples)
    }

    mutating func histogram(_ name: String, _ help: String, _ samples: (inout MetricsPage) -> Void) {
        write(name, "histogram", help, samples)
    }

    private mutating func write(
        _ name: String,
        _ kind: String,
        _ help: String,
        _ samples: (inout MetricsPage) -> Void
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        family = name
        samples(&self)
    }

    mutating func sample(_ value: Double, _ labels: Label...) { line(family, labels, Self.number(value)) }

    /// One for each count, in the order of their labels.
    mutating func samples<Key>(of counts: [Key: Int], _ labels: (Key) -> [Label]) {
        let all = counts.map { (labels: labels($0.key), count: $0.value) }
        let sorted = all.sorted { $0.labels.map(\.value).lexicographicallyPrecedes($1.labels.map(\.value)) }
        for (labels, count) in sorted { line(family, labels, "\(count)") }
    }

    mutating func samples(of histogram: Histogram, _ labels: Label...) {
        var count = 0
        for (index, more) in histogram.counts.enumerated() {
            count += more
            let bound = index < Histogram.bounds.count ? Self.number(Histogram.bounds[index]) : "+Inf"
            line("\(family)_bucket", labels + [("le", bound)], "\(count)")
        }
        line("\(family)_sum", labels, Self.number(histogram.sum))
        line("\(family)_count", labels, "\(histogram.count)")
    }

    private mutating func line(_ name: String, _ labels: [Label], _ value: String) {
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
    }

    /// Whole numbers without a point.
    private static func number(_ value: Double) -> String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
