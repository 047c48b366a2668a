import Model
import Ports
import Report
import Timing

/// What the metrics are made of.
struct MetricsSnapshot {
    let status: StatusDocument
    let tally: Counters
    let requests: [RequestMeter.Key: Int]
    let process: OwnProcess
}

/// The figures in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct Metrics: CustomStringConvertible {
    /// What a scraper is told that it is.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private var page = MetricsPage()

    var description: String { page.text }

    init(_ figures: MetricsSnapshot) {
        daemon(figures.status)
        runs(figures.tally, figures.status)
        engine(figures.tally, figures.status)
        requests(figures.requests, figures.status)
        hosts(figures.status)
        effects(figures.tally)
        process(figures.process)
    }

    private mutating func daemon(_ status: StatusDocument) {
        page.gauge("landfall_build_info", "Which Landfall this is.") {
            $0.sample(1, ("version", status.daemon.version), ("instance_name", status.daemon.instance))
        }
        page.gauge("landfall_dry_run", "Whether it only says what it would do.", status.daemon.isDryRun ? 1 : 0)
    }

    private mutating func runs(_ tally: Counters, _ status: StatusDocument) {
        page.counter("landfall_runs_total", "Runs that ended, by the first reason for each.") { page in
            for reason in Trigger.Kind.allCases {
                for outcome in RunSummary.Outcome.allCases {
                    let count = tally.runs[Counters.Run(reason: reason, outcome: outcome)] ?? 0
                    page.sample(Double(count), ("reason", reason.label), ("outcome", outcome.rawValue))
                }
            }
        }
        page.histogram("landfall_run_duration_seconds", "How long runs take.") {
            $0.samples(of: tally.runSeconds)
        }
        page.histogram("landfall_stage_duration_seconds", "How long the stages of runs take.") { page in
            for stage in StageReport.Stage.allCases {
                guard let histogram = tally.stageSeconds[stage] else { continue }
                page.samples(of: histogram, ("stage", stage.rawValue))
            }
        }
        page.gauge("landfall_run_in_progress", "Whether a run is going on.", status.run == nil ? 0 : 1)
        guard let last = status.runs.first else { return }
        page.gauge("landfall_last_run_timestamp_seconds", "When the last run began.", last.started.inSeconds)
        page.gauge("landfall_last_run_success", "Whether nothing failed in it.", last.outcome == .success ? 1 : 0)
    }

    private mutating func engine(_ tally: Counters, _ status: StatusDocument) {
        page.counter("landfall_triggers_total", "What asked for runs; of the engine's events those that matter.") {
            page in
            for kind in Trigger.Kind.allCases {
                page.sample(Double(tally.triggers[kind] ?? 0), ("kind", kind.label))
            }
        }
        page.counter(
            "landfall_triggers_coalesced_total",
            "Those that needed no run of their own.",
            Double(tally.coalesced)
        )
        page.gauge(
            "landfall_engine_connected",
            "Whether the engine's events are followed.",
            status.engine.state == .following ? 1 : 0
        )
        page.counter(
            "landfall_engine_reconnections_total",
            "How often the engine's events were followed again.",
            Double(tally.reconnections)
        )
    }

    private mutating func requests(_ counts: [RequestMeter.Key: Int], _ status: StatusDocument) {
        page.counter("landfall_api_requests_total", "HTTP requests, by whom they went to and what was answered.") {
            page in
            for (key, count) in counts.sorted(by: { ($0.key.host, $0.key.status) < ($1.key.host, $1.key.status) }) {
                page.sample(Double(count), ("host", key.host), ("status", key.status))
            }
        }
        page.gauge("landfall_api_budget_used_requests", "Requests within the provider's window.") { page in
            for budget in status.budgets { page.sample(Double(budget.used), ("provider", budget.provider)) }
        }
        page.gauge("landfall_api_budget_limit_requests", "How many the provider takes in it.") { page in
            for budget in status.budgets { page.sample(Double(budget.limit), ("provider", budget.provider)) }
        }
    }

    private mutating func hosts(_ status: StatusDocument) {
        let hosts = status.hosts ?? []
        page.gauge("landfall_hosts", "Hosts, by the state of their worst stage.") { page in
            for mark in HostStatus.Mark.allCases {
                page.sample(Double(hosts.count { $0.mark == mark }), ("state", mark.rawValue))
            }
        }
        page.gauge("landfall_refused_labels", "Labels that are not followed.", Double(status.refusals.count))
        page.gauge("landfall_certificate_not_after_timestamp_seconds", "When a host's certificate ends.") { page in
            for host in hosts {
                guard let certificate = host.certificate, let end = certificate.notAfter else { continue }
                page.sample(end.inSeconds, ("host", host.name.text), ("certificate", certificate.lineage))
            }
        }
        page.gauge("landfall_certificate_served", "Whether a host's clients get the certificate on disk.") { page in
            for host in hosts {
                switch host.served {
                case .unknown: continue
                case .yes: page.sample(1, ("host", host.name.text))
                case .not: page.sample(0, ("host", host.name.text))
                }
            }
        }
        page.gauge("landfall_ca_limit_used", "What counts against the authority's limit within its window.") { page in
            for use in status.limits {
                page.sample(Double(use.used), ("kind", use.kind.rawValue), ("subject", use.subject))
            }
        }
        page.gauge("landfall_ca_limit", "How much the authority allows in it.") { page in
            for use in status.limits {
                page.sample(Double(use.limit), ("kind", use.kind.rawValue), ("subject", use.subject))
            }
        }
        page.gauge("landfall_backoff_failures", "Failures since the last success of what is held back.") { page in
            for backoff in status.backoffs { page.sample(Double(backoff.failures), ("certificate", backoff.subject)) }
        }
        page.gauge("landfall_backoff_until_timestamp_seconds", "When it may be tried again.") { page in
            for backoff in status.backoffs { page.sample(backoff.until.inSeconds, ("certificate", backoff.subject)) }
        }
    }

    private mutating func effects(_ tally: Counters) {
        page.counter("landfall_changes_total", "Records and certificates that were changed, or could not be.") { page in
            let effects = tally.effects.sorted {
                ($0.key.stage.rawValue, $0.key.outcome) < ($1.key.stage.rawValue, $1.key.outcome)
            }
            for (effect, count) in effects {
                page.sample(Double(count), ("stage", effect.stage.rawValue), ("outcome", effect.outcome))
            }
        }
        page.counter("landfall_signals_total", "Signals to containers.") { page in
            for (outcome, count) in tally.signals.sorted(by: { $0.key < $1.key }) {
                page.sample(Double(count), ("outcome", outcome))
            }
        }
        page.counter("landfall_notifications_total", "Messages to people.") { page in
            let all = tally.notifications.sorted {
                ($0.key.notifier, $0.key.outcome) < ($1.key.notifier, $1.key.outcome)
            }
            for (key, count) in all {
                page.sample(Double(count), ("notifier", key.notifier), ("outcome", key.outcome))
            }
        }
    }

    /// Under the names that all exporters have in common.
    private mutating func process(_ process: OwnProcess) {
        page.counter("process_cpu_seconds_total", "User and system time.", process.cpuSeconds)
        page.gauge("process_resident_memory_bytes", "Resident memory.", Double(process.residentBytes))
        page.gauge("process_virtual_memory_bytes", "Virtual memory.", Double(process.virtualBytes))
        page.gauge("process_start_time_seconds", "When the process began.", process.startSeconds)
        page.gauge("process_open_fds", "Open file descriptors.", Double(process.openDescriptors))
        page.gauge("process_max_fds", "The most that may be open.", Double(process.descriptorLimit))
        page.gauge("process_threads", "Threads.", Double(process.threads))
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
