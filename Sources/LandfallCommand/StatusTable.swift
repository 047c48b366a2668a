import Model
import Report
import Status

/// A status for a person: a summary, and a line for every host.
struct StatusTable: CustomStringConvertible {
    private let status: StatusDocument
    private let width: Int?
    private let hasColours: Bool

    /// - Parameter width: of the terminal; nil where lines may be of any length.
    init(_ status: StatusDocument, width: Int?, hasColours: Bool) {
        (self.status, self.width, self.hasColours) = (status, width, hasColours)
    }

    var description: String {
        let lines = [head, engine] + addresses + budgets + limits + runs + live + [""] + hosts + notes + [verdict]
        return lines.joined(separator: "\n")
    }

    private var head: String {
        let daemon = status.daemon
        let parts =
            ["landfall \(daemon.version)"] + (daemon.instance == "default" ? [] : ["instance \(daemon.instance)"])
            + (daemon.isDryRun ? ["dry run"] : []) + daemon.switchedOff.map { "\($0) off" }
            + ["up for \(age(daemon.started))"]
        return paint(parts.joined(separator: ", "), .plain)
    }

    private var engine: String {
        let engine = status.engine
        let what = [engine.mode, engine.apiVersion.map { "API \($0)" }].compactMap(\.self).joined(separator: ", ")
        let text =
            switch engine.state {
            case .connecting: "connecting for \(age(engine.since))"
            case .following: "connected for \(age(engine.since)): \(what)"
            case .lost: "unreachable for \(age(engine.since)): \(engine.reason ?? "no answer")"
            }
        return line("engine", text, engine.state == .lost ? .bad : .plain)
    }

    private var addresses: [String] {
        status.addresses.map { address in
            let sources =
                address.sources.isEmpty ? "as configured" : "confirmed by \(address.sources.joined(separator: " and "))"
            return line("address", "\(address.address), \(sources)")
        }
    }

    private var budgets: [String] {
        status.budgets.map { line("budget", $0.description, $0.restsUntil == nil ? .plain : .warning) }
    }

    /// The limits of which half or more is used.
    private var limits: [String] {
        status.limits.filter { $0.used >= $0.limit.saturatingSubtracting($0.used) }.map { use in
            let wait = use.free.map { ", free again in \(Self.words($0 - status.now))" } ?? ""
            return line("limit", "\(use)\(wait)", use.free == nil ? .plain : .warning)
        }
    }

    private var runs: [String] {
        let last = status.runs.first.map { run in
            "last \(age(run.started)) ago, \(Self.seconds(run.duration)), \(run.changed) changed, \(run.failed) failed"
        }
        let next = status.nextRun.map { "next in \(Self.words($0 - status.now))" }
        let parts = [last, next].compactMap(\.self)
        return parts.isEmpty ? [] : [line("run", parts.joined(separator: "; "))]
    }

    private var live: [String] {
        guard let run = status.run else { return [] }
        let steps = run.steps.filter { $0.end == nil }
        return [line("now", "for \(age(run.began)): \(run.reasons.joined(separator: ", "))", .news)]
            + steps.prefix(20).map { step in
                paint("        \(step.subject): \(step.stage)\(step.text.isEmpty ? "" : ": \(step.text)")", .plain)
            }
    }

    private var notes: [String] {
        status.refusals.map { paint("! \(sanitized($0.description, limit: 500))", .warning) }
            + status.hints.map { paint("* \(sanitized($0, limit: 500))", .plain) }
            + status.backoffs.map { backoff in
                let failures = backoff.failures == 1 ? "1 failure" : "\(backoff.failures) failures"
                let wait = Self.words(backoff.until - status.now)
                return paint("! certificate \(backoff.subject): next try in \(wait), after \(failures)", .warning)
            } + status.secrets.filter { !$0.outcome.isChange && $0.outcome != .unchanged }.map(words)
            + status.silentNotifiers.map { silent in
                let text = "notifier \(silent.notifier): no notice for \(age(silent.since)): \(silent.reason)"
                return paint("✗ \(sanitized(text, limit: 500))", .bad)
            } + status.problems.map { paint("✗ \($0.stage): \(sanitized($0.text, limit: 500))", .bad) }
            + (status.deletions?.lines ?? []).map { paint($0, .plain) }
    }

    private var verdict: String {
        guard status.needsAttention.isEmpty else {
            let text = "Needs attention: \(status.needsAttention.joined(separator: " "))"
            return paint(text, status.hasFailures ? .bad : .warning)
        }
        guard status.hosts != nil else { return "The first run has not ended yet." }
        return paint("Healthy: everything is up to date.", .good)
    }

    private static let titles = ["", "NAME", "RECORD", "CERTIFICATE", "SERVED", "LAST SIGNAL", "LAST ERROR"]
    /// The limit for every column but the last.
    private static let columnLimit = 40

    private var hosts: [String] {
        guard let hosts = status.hosts, !hosts.isEmpty else { return [] }
        let rows = hosts.map(cells)
        // A column without any value would only take space.
        let columns = Self.titles.indices.filter { column in column < 2 || rows.contains { $0[column] != "–" } }
        let all = [Self.titles] + rows
        let widths = columns.map { column in min(Self.columnLimit, all.map { $0[column].count }.max() ?? 0) }
        let lines = all.map { row in
            let padded = zip(columns, widths).map { column, width in
                column == columns.last ? row[column] : Terminal.padded(Self.cut(row[column], to: width), width)
            }
            return width.map { Self.cut(padded.joined(separator: "  "), to: $0) } ?? padded.joined(separator: "  ")
        }
        return [lines[0]] + zip(hosts, lines.dropFirst()).map { paint($1, Self.look($0.health).paint) } + [""]
    }

    private func cells(_ host: HostStatus) -> [String] {
        [
            Self.look(host.health).mark, host.name.text,
            host.record.map { $0.current ?? $0.outcome.word } ?? "–",
            host.certificate.map(words) ?? "–", Self.words(host.served),
            host.signal.map { "\($0.signal) → \($0.target), \(age($0.at)) ago" } ?? "–",
            host.lastError.map { "\($0.isOver ? "resolved: " : "")\($0.stage): \($0.text)" } ?? "–",
        ]
    }

    private func words(_ certificate: CertificateStatus) -> String {
        guard let days = certificate.daysLeft(at: status.now), let end = certificate.notAfter else { return "none" }
        return days < 0 ? "expired on \(end.day)" : "until \(end.day) (\(days) \(days == 1 ? "day" : "days"))"
    }

    private func words(_ secret: SecretReport) -> String {
        let text = "service \(secret.service): no certificate as a secret: \(secret.outcome.detail ?? "")"
        let isFailure = secret.outcome.isFailure
        return paint("\(isFailure ? "✗" : "!") \(sanitized(text, limit: 500))", isFailure ? .bad : .warning)
    }

    private static func words(_ served: Served) -> String {
        switch served.state {
        case .unknown: "–"
        case .yes: "yes"
        case .no: "no: \(served.detail ?? "")"
        }
    }

    private static func look(_ health: HostStatus.Health) -> (mark: String, paint: Terminal.Paint) {
        switch health {
        case .ok: ("=", .plain)
        case .changed: ("✓", .news)
        case .refused: ("!", .warning)
        case .failed: ("✗", .bad)
        }
    }

    private static func cut(_ text: String, to width: Int) -> String {
        text.count > width ? text.prefix(max(0, width - 1)) + "…" : text
    }

    private func line(_ title: String, _ text: String, _ colour: Terminal.Paint = .plain) -> String {
        Terminal.padded(title, 8) + paint(text, colour)
    }

    private func paint(_ text: String, _ colour: Terminal.Paint) -> String {
        Terminal.painted(text, colour, hasColours)
    }

    private func age(_ time: Timestamp) -> String { Self.words(status.now - time) }

    private static func seconds(_ seconds: Double) -> String {
        Duration(inSeconds: seconds).readable
    }

    /// `12 s`, `3 min`, `5 h`, `12 days`.
    private static func words(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}
