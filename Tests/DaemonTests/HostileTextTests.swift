import EventStream
import HTTPServer
import Model
import Ports
import Processes
import Report
@testable import Status
import TestSupport
import Testing
import Timing

/// Whatever a daemon answers, no command writes it to a terminal as more than text.
@Suite(.limited(minutes: 2)) struct HostileTextTests {
    private let time = Timestamp(seconds: 1_795_485_783)

    private func report(isPlan: Bool) throws -> Report {
        let name = try DomainName("www.example.test")
        let origin = Origin(kind: .service, id: "s", name: "web")
        let outcomes: [Outcome] = [.unchanged, .changed("changed"), .refused("refused"), .failed("failed")]
        let actions: [RecordReport.Action] = [.create, .update, .keep, .delete, .hold, .refuse, .wait]
        let records = actions.map { action in
            var record = RecordReport(action, of: name, .changed("changed"))
            (record.provider, record.type, record.fromType) = ("provider", "A", "CNAME")
            (record.from, record.to, record.reason, record.current) = ("from", "to", "reason", "current")
            return record
        }
        let certificates = ([.issue, .renew, .keep, .leave, .refuse, .wait] as [CertificateReport.Action]).map {
            CertificateReport(
                lineage: "lineage",
                hosts: $0 == .leave ? [] : [name],
                action: $0,
                reason: "reason",
                outcome: .failed("failed"),
                fingerprint: nil,
                notAfter: time,
                renewFrom: time,
                rule: "rule",
                servedBy: "other",
                remarks: ["remark"]
            )
        }
        return Report(
            cause: RunCause(Trigger(.once)),
            started: time,
            duration: .seconds(1),
            isDryRun: isPlan,
            hosts: outcomes.map {
                HostReport(name: name, origins: [origin], record: RecordState(outcome: $0, current: "current"))
            },
            records: records,
            deletions: Deletions(code: "code", records: ["record"], isConfirmed: false),
            certificates: certificates,
            signals: outcomes.map {
                SignalReport(container: "c", name: "web", signal: "HUP", lineages: ["lineage"], outcome: $0)
            },
            secrets: outcomes.map { SecretReport(service: "web", outcome: $0) },
            serving: [ServingReport(host: name, endpoint: "endpoint", reason: "reason")],
            refusals: [Refusal(origin: origin, label: "label", value: "value", reason: "reason")],
            hints: [Hint("hint", about: nil)],
            problems: [Report.Problem(stage: "stage", text: "text")],
            addresses: [],
            budgets: [RequestBudget(provider: "provider", used: 1, limit: 2, window: 3)]
        )
    }

    private func status() throws -> StatusDocument {
        let daemon = DaemonStatus(version: "1", instance: "one", started: time, isDryRun: true, switchedOff: ["dns"])
        let hub = StatusHub(daemon, store: nil, clock: TestClock(now: time))
        hub.connectionChanged(.lost("reason"))
        hub.began(RunCause(Trigger(.once)), at: .zero)
        hub.progressed(Progress(.record, "www.example.test", .step("step")))
        hub.ended(try report(isPlan: false), at: .zero)
        hub.began(RunCause(Trigger(.event, "reason", subject: "web")), at: .zero)
        hub.progressed(Progress(.record, "www.example.test", .step("step")))
        return hub.document
    }

    private func explanation() throws -> Explanation {
        let report = try report(isPlan: true)
        let name = try DomainName("www.example.test")
        var explanation = Explanation(name)
        explanation.askers = [
            Explanation.Asker(
                origin: Origin(kind: .service, id: "s", name: "web"),
                label: "label",
                record: "record",
                certificate: "certificate"
            )
        ]
        (explanation.zone, explanation.provider) = (name, "provider")
        let record = DNSRecord(name: name, kind: .a, content: "content", comment: "comment")
        explanation.current = [Explanation.Record(record, instance: "instance", isOurs: false)]
        (explanation.records, explanation.certificates) = (report.records, report.certificates)
        (explanation.refusals, explanation.hints, explanation.problems) = (report.refusals, ["hint"], ["problem"])
        return explanation
    }

    /// Runs a command against a daemon that answers everything with `answer`.
    private func output(of arguments: [String], _ answer: JSONValue) async throws -> ProcessResult {
        let folder = try TemporaryFolder()
        let socket = Listening.unix(path: "\(folder.path)/landfall.sock", mode: 0o600)
        let server = try HTTPServer(listening: socket) { _ in .json(answer) }
        defer { server.stop() }
        return try await LandfallProgram.run(arguments, ["LANDFALL_STATE_DIR": folder.path])
    }

    private func check(_ arguments: [String], _ document: some Codable) async throws {
        let planted = try HostileText.planted(in: document)
        #expect(planted.description.contains("owned"))
        for arguments in [arguments, arguments + ["--json"]] {
            let result = try await output(of: arguments, planted)
            #expect(result.outputText.contains("owned"), "\(result.errorText)")
            #expect(HostileText.unprintable(in: result.outputText + result.errorText).isEmpty)
        }
    }

    @Test(arguments: [true, false]) func `landfall once`(isPlan: Bool) async throws {
        try await check(["once"], try report(isPlan: isPlan))
    }

    @Test func `landfall status`() async throws { try await check(["status"], try status()) }

    @Test func `landfall explain`() async throws {
        try await check(["explain", "www.example.test"], try explanation())
    }

    @Test func `an error of the daemon`() async throws {
        let result = try await output(of: ["status"], .string("no status\(HostileText.payload)"))
        #expect(result.end == .exited(1))
        #expect(HostileText.unprintable(in: result.outputText + result.errorText).isEmpty)
    }
}
