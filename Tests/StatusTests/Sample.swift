import Certificates
import DNS
import EventStream
import FoundationEssentials
import HTTPServer
import Model
import Ports
import Report
import State
import TestSupport
import Timing
@testable import Docker
@testable import Status

/// Reports as a real Landfall makes them, for some hosts of a service each.
struct Sample {
    static let start = Timestamp(seconds: 1_795_485_783)

    static let daemon = DaemonStatus(
        version: "0.1.0",
        instance: "default",
        started: start,
        isDryRun: false,
        switchedOff: []
    )

    static func name(_ text: String) throws -> DomainName { try DomainName(text) }

    static func origin(_ name: String) -> Origin { Origin(kind: .service, id: "id-\(name)", name: name) }

    static func host(
        _ text: String,
        _ outcome: Outcome = .unchanged,
        current: String? = "A 198.51.100.7",
        by service: String = "web"
    ) throws -> HostReport {
        HostReport(
            name: try name(text),
            origins: [origin(service)],
            record: RecordState(outcome: outcome, current: current)
        )
    }

    static func certificate(
        _ lineage: String,
        _ hosts: [String]? = nil,
        _ outcome: Outcome = .unchanged,
        days: Int = 60,
        after start: Timestamp = start
    ) throws -> CertificateReport {
        CertificateReport(
            lineage: lineage,
            hosts: try (hosts ?? [lineage]).map(name),
            outcome: outcome,
            fingerprint: Fingerprint(hex: "ab"),
            notBefore: start - .seconds(86_400 * (90 - days)),
            notAfter: start + .seconds(86_400 * days + 3600)
        )
    }

    static func signal(_ lineage: String, _ outcome: Outcome = .changed("signalled")) -> SignalReport {
        SignalReport(container: "c1", name: "proxy.1", signal: "SIGHUP", lineages: [lineage], outcome: outcome)
    }

    static func report(
        _ hosts: [HostReport] = [],
        _ certificates: [CertificateReport] = [],
        signals: [SignalReport] = [],
        secrets: [SecretReport] = [],
        refusals: [Refusal] = [],
        problems: [Report.Problem] = [],
        after seconds: Int = 0,
        reach: Report.Reach = .all
    ) -> Report {
        Report(
            cause: RunCause(Trigger(.event, "service update", subject: "web")),
            started: start + .seconds(seconds),
            duration: .milliseconds(1200),
            reach: reach,
            hosts: hosts,
            certificates: certificates,
            signals: signals,
            secrets: secrets,
            refusals: refusals,
            problems: problems,
            addresses: [IPAddress("198.51.100.7")].compactMap(\.self).map {
                AddressReport(family: .v4, address: $0, previous: nil, sources: ["one.example", "two.example"])
            },
            stages: [
                StageReport(stage: .discover, began: .zero, duration: 12 / 1000),
                StageReport(stage: .record, began: 20 / 1000, duration: 300 / 1000),
                StageReport(stage: .certificate, began: 20 / 1000, duration: 1100 / 1000),
                StageReport(stage: .signal, began: 1150 / 1000, duration: 40 / 1000),
            ]
        )
    }

    /// Of so many hosts.
    static func report(hosts count: Int) throws -> Report {
        let names = (1...count).map { "host-\($0).apps.example.org" }
        return report(
            try names.map { try host($0, by: "stack_service-\($0.split(separator: ".")[0])") },
            try names.enumerated().map { index, name in try certificate(name, days: 1 + index % 90) }
        )
    }

    static let budget = RequestBudget(provider: "Cloudflare", used: 61, limit: 1200, window: 300)

    /// Of the certificate authority's limits, one of which more than half is used.
    static let limit = """
        {"kind": "domain", "subject": "example.org", "used": 40, "limit": 50, "window": 604800}
        """

    /// A board that a session has begun to tell of its work.
    static func board(store: StateStore? = nil, clock: any Clock = SystemClock()) -> StatusHub {
        let board = StatusHub(daemon, store: store, clock: clock)
        let backoff = FailurePause(
            subject: "late.example.org",
            failures: 3,
            until: clock.now + .seconds(600),
            reason: "the authority said no"
        )
        let limit = try? JSONDecoder().decode(RateLimitUsage.self, from: Data(limit.utf8))
        board.sessionBegan(
            StatusHub.Sources(
                budgets: { [budget] },
                limits: { [limit].compactMap(\.self) },
                backoffs: { [backoff] }
            )
        )
        return board
    }
}

extension StatusHub {
    /// A run from its beginning to its end.
    func play(_ report: Report, _ steps: [Progress] = []) {
        let clock = SystemClock()
        began(RunCause(Trigger(.event, "service update", subject: "web")), at: clock.uptime)
        for step in steps { progressed(step) }
        ended(report, at: clock.uptime)
        waiting(until: clock.uptime + .seconds(300))
    }

    func connect() {
        connectionChanged(.following(.manager(cluster: "k1"), APIVersion(major: 1, minor: 51), unreadableReason: nil))
    }
}

extension HTTPServer {
    /// A server of the status routes alone.
    convenience init(serving hub: StatusHub, at place: Listening = .tcp(address: "127.0.0.1", port: 0)) throws {
        let routes = RouteTable(StatusRoutes(hub).routes)
        try self.init(listening: place) { await routes.answer($0) }
    }
}
