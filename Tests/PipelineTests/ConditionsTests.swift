import Delivery
import Model
import Notices
import Pipeline
import Ports
import Report
import Testing
import Timing

@Suite struct ConditionsTests {
    private let origin = Origin(kind: .service, id: "s1", name: "web")

    private func report(
        _ hosts: [HostReport] = [],
        certificates: [CertificateReport] = [],
        signals: [SignalReport] = [],
        problems: [Report.Problem] = [],
        started: Timestamp = Timestamp(seconds: 0)
    ) -> Report {
        Report(
            cause: RunCause(Trigger(.once)),
            started: started,
            duration: .zero,
            hosts: hosts,
            certificates: certificates,
            signals: signals,
            problems: problems
        )
    }

    private func host(_ name: String, record: RecordState? = nil) throws -> HostReport {
        HostReport(name: try DomainName(name), origins: [origin], record: record)
    }

    private func certificate(_ outcome: Outcome, _ hosts: String...) throws -> CertificateReport {
        CertificateReport(
            lineage: "shop",
            hosts: try hosts.map { try DomainName($0) },
            outcome: outcome,
            fingerprint: Fingerprint(hex: "ab"),
            notAfter: Timestamp(seconds: 1_800_000_000)
        )
    }

    @Test func `a change and its result in the next run have the same value`() throws {
        let made = RecordState(outcome: .changed("created A 1.2.3.4"), current: "A 1.2.3.4")
        let kept = RecordState(outcome: .unchanged, current: "A 1.2.3.4")
        let first = try #require(report([try host("a.example.test", record: made)]).conditions.first)
        let second = try #require(report([try host("a.example.test", record: kept)]).conditions.first)
        #expect(first.key == second.key)
        #expect(first.value == second.value)
        #expect(first.line == "a.example.test: created A 1.2.3.4")
    }

    @Test func `of a host whose one record is created while another one fails, both are told`() throws {
        let name = try DomainName("a.example.test")
        var made = RecordReport(.create, of: name, .changed("created A 1.2.3.4"))
        made.current = "A 1.2.3.4"
        let (made6, reason) = (
            RecordReport(.create, of: name, .failed("Cloudflare: no")), "a.example.test: Cloudflare: no"
        )
        for records in [[made, made6], [made6, made]] {
            let report = report([try host("a.example.test", record: RecordState(records))])
            let condition = try #require(report.conditions.first)
            #expect(condition.line == "\(reason); created A 1.2.3.4" && condition.isProblem)
            #expect(report.changes == 1 && report.failures == 1)
            #expect(report.changeClauses == ["a.example.test: created A 1.2.3.4"])
            #expect(report.failureClauses == [reason])
        }
        // What stays refused is told once, although the other one is only there in the next run.
        let refused = RecordReport(.refuse, of: name, .refused("it belongs to somebody else"))
        let kept = RecordReport(.keep, of: name, .unchanged)
        let values = try [[made, refused], [kept, refused]].map { records in
            try #require(report([try host("a.example.test", record: RecordState(records))]).conditions.first).value
        }
        #expect(values[0] == values[1])
    }

    @Test func `what waits for a person is announced every day, with its whole link`() throws {
        let link = "https://portal.example.org/unpause?jwt=" + String(repeating: "eyJhbGciOiJIUzI1NiJ9.", count: 20)
        func condition(day: Int64, needsPerson: Bool) throws -> Condition {
            let certificate = CertificateReport(
                lineage: "shop",
                hosts: [try DomainName("a.example.test")],
                outcome: .failed("the authority waits for a person: \(link)"),
                fingerprint: nil,
                notAfter: nil,
                needsPerson: needsPerson ? true : nil
            )
            let started = Timestamp(seconds: 86_400 * day)
            return try #require(report(certificates: [certificate], started: started).conditions.first)
        }
        #expect(try condition(day: 1, needsPerson: true).value != condition(day: 2, needsPerson: true).value)
        #expect(try condition(day: 1, needsPerson: false).value == condition(day: 2, needsPerson: false).value)
        #expect(try Message.Line(.problem, condition(day: 1, needsPerson: true).line).text.hasSuffix(link))
    }

    @Test func `a failure is a problem until the same thing is well`() throws {
        let failed = RecordState(outcome: .failed("Cloudflare: no answer within 15 s"), current: nil)
        let standing = try #require(report([try host("a.example.test", record: failed)]).conditions.first)
        #expect(standing.isProblem)
        #expect(standing.key == "record/a.example.test")
        #expect(standing.level == .error)
    }

    private func signal(_ name: String, _ result: SignalReport.Delivery, _ outcome: Outcome) -> SignalReport {
        SignalReport(container: name, name: name, signal: "HUP", lineages: ["a"], result: result, outcome: outcome)
    }

    @Test func `signals are a line per service, and none for containers that are gone`() {
        let sent = Outcome.changed("sent HUP")
        let conditions = report(signals: [
            signal("proxy.1.x", .signalled, sent), signal("proxy.2.y", .signalled, sent),
            signal("alone.1.x", .signalled, sent), signal("gone.1.x", .gone, .unchanged),
        ]).conditions
        #expect(conditions.map(\.line) == ["alone.1.x: HUP for a", "proxy: HUP for a, to 2 containers"])
        #expect(conditions.allSatisfy { !$0.isProblem })
    }

    @Test func `a failed signal is a problem until none is pending, for whichever containers`() {
        let down = Outcome.failed("owed: node w1 is down")
        let first = report(signals: [
            signal("proxy.1.x", .signalled, .changed("sent HUP")), signal("proxy.2.y", .pending, down),
            signal("proxy.3.z", .pending, down),
        ]).conditions
        #expect(first.map(\.line) == ["proxy: HUP for a failed for 2 of 3 containers: owed: node w1 is down"])
        #expect(first.map(\.isProblem) == [true])
        let second = report(signals: [signal("proxy.2.y", .pending, down)]).conditions
        #expect(second.map(\.key) == first.map(\.key) && second.map(\.value) == first.map(\.value))
        let third = report(signals: [signal("proxy.2.y", .signalled, .changed("sent HUP"))]).conditions
        #expect(third.map(\.key) == first.map(\.key) && third.map(\.isProblem) == [false])
    }

    @Test func `the end of what kept secrets from a service does not say that they were delivered`() {
        let report = Report(
            cause: RunCause(Trigger(.once)),
            started: Timestamp(seconds: 0),
            duration: .zero,
            secrets: [SecretReport(service: "api", outcome: .failed("its last update is paused"))]
        )
        #expect(report.conditions.map(\.recovery) == ["service api: its certificates are no longer held back"])
    }

    @Test func `a failure whose text varies is announced once`() throws {
        let values = try ["again at 10:00", "again at 11:40"].map { text in
            try #require(report(certificates: [certificate(.failed(text), "a.example.test")]).conditions.first).value
        }
        #expect(Set(values).count == 1)
    }

    @Test func `a problem of the whole run is announced once and not for every host`() throws {
        let reason = "no public IPv4 address: api.ipify.org: no answer"
        let hosts = try ["a", "b", "c"].map {
            try host("\($0).example.test", record: RecordState(outcome: .failed(reason), current: nil))
        }
        let report = report(hosts, problems: [.init(stage: "address", text: reason)])
        #expect(report.conditions.map(\.key) == ["problem/address"])
        #expect(!report.isComplete)
    }

    @Test func `problems of one stage are one condition, whose value is their number`() {
        let zones = [Report.Problem(stage: "record", text: "no zones"), .init(stage: "record", text: "no records")]
        let both = report(problems: zones + [.init(stage: "signal", text: "no engine")]).conditions
        #expect(both.map(\.key) == ["problem/record", "problem/signal"])
        #expect(both.map(\.line) == ["no zones; no records", "no engine"])
        let one = report(problems: [zones[0]]).conditions
        #expect(one.map(\.key) == ["problem/record"] && one[0].value != both[0].value)
    }

    @Test(arguments: [
        ("record", ["record/", "deletions", "address/"]), ("address", ["record/", "deletions", "address/"]),
        ("IPv6 address", ["record/", "deletions", "address/"]),
        ("signal", ["signal/", "secret/", "serving/", "label/"]),
        ("certificate", ["certificate/", "expiry/", "signal/", "secret/", "serving/", "label/"]), ("state", []),
    ])
    func `a problem hides what its stage would have shown`(stage: String, hidden: [String]) {
        #expect(report(problems: [.init(stage: stage, text: "x")]).unseen == Unobserved(prefixes: Set(hidden)))
        #expect(
            report(problems: [.init(stage: stage, text: "x"), .init(stage: "discover", text: "y")]).unseen
                == .everything
        )
    }

    @Test func `a certificate whose failure is left to a problem of the run is hidden by it`() throws {
        let zones = "no zones"
        let report = report(
            certificates: [try certificate(.failed("z: \(zones)"), "a.example.test")],
            problems: [.init(stage: "state", text: zones)]
        )
        #expect(report.conditions.map(\.key) == ["problem/state"])
        #expect(report.unseen == Unobserved(keys: ["certificate/shop"]))
        #expect(self.report().unseen == .nothing)
    }

    @Test func `hosts of one certificate make one line`() throws {
        let issued = try certificate(.changed("issued, valid until 2027-01-15"), "a.example.test", "b.example.test")
        let conditions = report(certificates: [issued]).conditions
        #expect(
            conditions.map(\.line) == ["a.example.test, b.example.test: certificate issued, valid until 2027-01-15"]
        )
        #expect(conditions.first?.value == "ab")
    }

    @Test func `of a certificate of many names and a signal for many certificates the first are named`() throws {
        let names = try (0..<100).map { try DomainName("shop-\($0).example.test") }
        let failed = CertificateReport(
            lineage: "shop",
            hosts: names,
            outcome: .failed("the authority does not answer"),
            fingerprint: nil,
            notBefore: Timestamp(seconds: -90 * 86_400),
            notAfter: Timestamp(seconds: 86_400)
        )
        let sent = SignalReport(
            container: "c",
            name: "proxy",
            signal: "HUP",
            lineages: (1...5).map { "l\($0)" },
            outcome: .changed("sent")
        )
        let lines = report(certificates: [failed], signals: [sent]).conditions.map(\.line)
        let subject = "shop-0.example.test, shop-1.example.test, shop-2.example.test and 97 more"
        #expect(lines[0] == "\(subject): no new certificate: the authority does not answer")
        #expect(lines[1].hasPrefix("\(subject): the certificate expires in 1 day"))
        #expect(lines[2] == "proxy: HUP for l1, l2, l3 and 2 more")
        #expect(named(["a", "b", "c", "d"]) == "a, b, c, d")
    }

    @Test func `hosts that a certificate refuses have a condition beside those that it covers`() throws {
        let conditions = report(certificates: [
            try certificate(.unchanged, "good.example.test"),
            try certificate(.refused("z.other.test is in none of the zones"), "z.other.test"),
        ]).conditions
        #expect(Set(conditions.map(\.key)).count == 2)
        #expect(conditions.map(\.isProblem) == [false, true])
        #expect(conditions.map(\.hosts) == [[try DomainName("good.example.test")], [try DomainName("z.other.test")]])
    }

    @Test func `a failure counts, whatever else its host got`() throws {
        let report = report(certificates: [
            try certificate(.failed("no"), "x.example.test"), try certificate(.changed("issued"), "x.example.test"),
        ])
        #expect(!report.isClean)
        #expect((report.changes, report.failures) == (1, 1))
    }

    @Test func `every signal is news`() throws {
        let signal = SignalReport(
            container: "c",
            name: "proxy",
            signal: "HUP",
            lineages: ["a"],
            outcome: .changed("sent")
        )
        let values = (1...2).flatMap {
            report(signals: [signal], started: Timestamp(seconds: $0)).conditions.map(\.value)
        }
        #expect(Set(values).count == 2)
    }

    @Test func `the same wrong label of a new container is the same condition`() throws {
        let keys = ["c1", "c2"].map { id in
            let origin = Origin(kind: .container, id: id, name: "web")
            let refusal = Refusal(origin: origin, label: "landfall.host", value: "a b", reason: "x")
            return Report(
                cause: RunCause(Trigger(.once)),
                started: Timestamp(seconds: 0),
                duration: .zero,
                refusals: [refusal]
            ).conditions.map(\.key)
        }
        #expect(keys[0] == keys[1])
    }

    @Test func `a refused label names its service, its key and the reason`() throws {
        let refusal = Refusal(
            origin: origin,
            label: "landfall.host",
            value: "a b",
            reason: "` ` is not allowed in a host name"
        )
        let report = Report(
            cause: RunCause(Trigger(.once)),
            started: Timestamp(seconds: 0),
            duration: .zero,
            refusals: [refusal]
        )
        let standing = try #require(report.conditions.first)
        #expect(standing.line == "service web: landfall.host: `a b` refused: ` ` is not allowed in a host name")
        #expect(standing.isProblem)
        #expect(report.isClean)
    }
}
