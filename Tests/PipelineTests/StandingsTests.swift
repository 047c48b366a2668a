import Model
import Notices
import Pipeline
import Testing
import Timing

@Suite struct StandingsTests {
    private let origin = Origin(kind: .service, id: "s1", name: "web")

    private func report(_ hosts: [HostReport], problems: [Report.Problem] = []) -> Report {
        Report(
            cause: RunCause(reasons: ["test"]),
            started: Timestamp(seconds: 0),
            duration: .zero,
            hosts: hosts,
            problems: problems
        )
    }

    private func host(_ name: String, record: RecordReport? = nil, certificate: CertificateReport? = nil) throws
        -> HostReport
    {
        HostReport(name: try DomainName(name), origins: [origin], record: record, certificate: certificate)
    }

    private func certificate(_ outcome: Outcome) -> CertificateReport {
        CertificateReport(
            lineage: "shop",
            outcome: outcome,
            fingerprint: Fingerprint(hex: "ab"),
            notAfter: Timestamp(seconds: 1_800_000_000)
        )
    }

    @Test func `what was changed in one run and stands in the next is the same thing said`() throws {
        let made = RecordReport(outcome: .changed("created A 1.2.3.4"), standing: "A 1.2.3.4")
        let kept = RecordReport(outcome: .unchanged, standing: "A 1.2.3.4")
        let first = try #require(report([try host("a.example.test", record: made)]).standings.first)
        let second = try #require(report([try host("a.example.test", record: kept)]).standings.first)
        #expect(first.key == second.key)
        #expect(first.value == second.value)
        #expect(first.line == "a.example.test: created A 1.2.3.4")
    }

    @Test func `a failure is a problem until the same thing is well`() throws {
        let failed = RecordReport(outcome: .failed("Cloudflare: no answer within 15 s"), standing: nil)
        let standing = try #require(report([try host("a.example.test", record: failed)]).standings.first)
        #expect(standing.isProblem)
        #expect(standing.key == "record/a.example.test")
        #expect(standing.level == .error)
    }

    @Test func `a failure whose words vary is said once`() throws {
        let values = try ["again at 10:00", "again at 11:40"].map { text in
            try #require(report([try host("a.example.test", certificate: certificate(.failed(text)))]).standings.first)
                .value
        }
        #expect(Set(values).count == 1)
    }

    @Test func `a problem of the whole run is said once and not for every host`() throws {
        let reason = "no public IPv4 address: api.ipify.org: no answer"
        let hosts = try ["a", "b", "c"].map {
            try host("\($0).example.test", record: RecordReport(outcome: .failed(reason), standing: nil))
        }
        let report = report(hosts, problems: [.init(stage: "address", text: reason)])
        #expect(report.standings.map(\.key) == ["problem/address"])
        #expect(!report.isComplete)
    }

    @Test func `hosts of one certificate make one line`() throws {
        let issued = certificate(.changed("issued, valid until 2027-01-15"))
        let standings = report(try ["a", "b"].map { try host("\($0).example.test", certificate: issued) }).standings
        #expect(standings.map(\.line) == ["a.example.test, b.example.test: certificate issued, valid until 2027-01-15"])
        #expect(standings.first?.value == "ab")
    }

    @Test func `a refused label names its service, its key and the reason`() throws {
        let refusal = Refusal(
            origin: origin,
            label: "landfall.host",
            value: "a b",
            reason: "` ` cannot stand in a host name"
        )
        let report = Report(
            cause: RunCause(reasons: []),
            started: Timestamp(seconds: 0),
            duration: .zero,
            refusals: [refusal]
        )
        let standing = try #require(report.standings.first)
        #expect(standing.line == "service web: landfall.host: `a b` refused: ` ` cannot stand in a host name")
        #expect(standing.isProblem)
        #expect(report.isClean)
    }
}
