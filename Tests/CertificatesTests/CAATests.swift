import DNS
import HTTPServer
import Model
import Ports
import State
import TestSupport
import Testing
@testable import Certificates

/// CAA records, before an order.
@Suite struct CAATests {
    private static let uri = "https://acme.ca.test/acct/1"

    struct Case: Sendable {
        let records: [CAARecord]
        var name = "www.example.test"
        /// A part of the refusal; nil: it is let through.
        let refusal: String?
    }

    private static func issue(_ value: String, _ tag: String = "issue", flags: UInt8 = 0) -> CAARecord {
        CAARecord(flags: flags, tag: tag, value: value)
    }

    static let cases = [
        Case(records: [issue("ca.test")], refusal: nil), Case(records: [issue(" CA.test ; ")], refusal: nil),
        Case(records: [issue("other.test"), issue("ca.test")], refusal: nil),
        Case(
            records: [issue("other.test")],
            refusal: #"`0 issue "other.test"` at example.test does not let ca.test certify"#
        ),
        Case(records: [issue(";")], refusal: #"add `0 issue "ca.test"` there"#),
        Case(records: [issue("other.test", "issuewild")], refusal: nil),
        Case(
            records: [issue("other.test", "issuewild"), issue("ca.test")],
            name: "*.example.test",
            refusal: "issuewild"
        ),
        Case(records: [issue("ca.test", "issuewild"), issue(";")], name: "*.example.test", refusal: nil),
        Case(records: [issue(";")], name: "*.example.test", refusal: #"0 issue ";""#),
        Case(records: [issue("mailto:a@example.test", "iodef", flags: 128)], refusal: nil),
        Case(records: [issue("x", "tbs", flags: 128)], refusal: "is critical and of a kind"),
        Case(records: [issue("x", "tbs")], refusal: nil),
        Case(records: [issue("ca.test; validationmethods=http-01,dns-01")], refusal: nil),
        Case(records: [issue("ca.test; validationmethods=http-01")], refusal: "its validationmethods lack dns-01"),
        Case(records: [issue("ca.test; accounturi=\(uri)")], refusal: nil),
        Case(
            records: [issue("ca.test; accounturi=\(uri)0")],
            refusal: "its accounturi is not that of Landfall's account, \(uri)"
        ),
        Case(records: [issue("ca.test; accounturi=\(uri); accounturi=\(uri)")], refusal: "several accounturi"),
        Case(records: [issue("ca.test; policy=ev")], refusal: nil),
        Case(records: [issue("ca.test; policy")], refusal: "it is malformed; add"),
    ]

    @Test(arguments: cases.indices)
    func `the records are read as the authority reads them, and a refusal quotes them`(index: Int) throws {
        let example = Self.cases[index]
        let policy = CAAPolicy(identities: ["ca.test"], account: .registered(uri: Self.uri))
        let set = CAASet(name: "example.test", records: example.records)
        let verdict = policy.verdict(on: try DomainName(example.name), set)
        guard let refusal = example.refusal else {
            #expect(verdict.refusal == nil)
            return
        }
        #expect(verdict.refusal?.contains(refusal) == true, "\(verdict.refusal ?? "nil")")
        #expect(example.records.contains { verdict.refusal?.contains("`\($0)`") == true })
    }

    @Test func `an unknown parameter warns, and an account that is not known refuses nothing`() throws {
        let record = Self.issue("ca.test; policy=ev; accounturi=https://x.test/1")
        let set = CAASet(name: "example.test", records: [record])
        let name = try DomainName("example.test")
        let verdict = CAAPolicy(identities: ["ca.test"], account: .unknown).verdict(on: name, set)
        #expect(verdict.refusal == nil)
        #expect(verdict.warnings.count == 1 && verdict.warnings[0].contains("has the parameter policy"))
        let none = CAAPolicy(identities: ["ca.test"], account: .none).verdict(on: name, set)
        #expect(none.refusal?.contains("Landfall has none at this authority yet") == true)
    }
}

/// What becomes of an order.
@Suite struct CAAOrderTests {
    private let scratch: Scratch
    private let zones: ZoneDirectory

    init() throws {
        scratch = try Scratch()
        zones = FakeProvider(zone: try DomainName("example.test")).directory
    }

    /// - Parameter records: by name; a name that is missing has no answer.
    private func plan(
        _ names: [String],
        identities: String = #""caaIdentities":["ca.test"]"#,
        records: [String: [String]],
        choice: CertificateChoice = .each,
        questions: AsyncCollector<String> = AsyncCollector()
    ) async throws -> CertificatePlan {
        let resolver = CAAResolver(records: records, questions: questions)
        let directory = Array("{\"meta\":{\(identities)}}".utf8)
        let stage = CertificateStage.withoutCertbot(
            in: scratch,
            state: try .inMemory(),
            clock: TestClock(),
            transport: AnsweringTransport { _ in HTTPResponse(status: 200, headers: [:], body: directory) },
            caaLookup: CAALookup(resolver: resolver, recursive: DNSServer("192.0.2.53").map { [$0] } ?? [])
        )
        let origin = Origin(kind: .service, id: "1", name: "web")
        let hosts = try names.map { DesiredHost(name: try DomainName($0), origin: origin, certificate: choice) }
        return await stage.plan(hosts, zones: zones)
    }

    private static let empty = ["www.example.test": [], "api.example.test": [], "test": []] as [String: [String]]

    @Test func `an order that CAA forbids is not placed, and the refusal quotes the record`() async throws {
        let records = Self.empty.merging(["example.test": ["0 issue other.test"]]) { $1 }
        let plan = try await plan(["www.example.test"], records: records)
        let reason =
            #"the CAA record `0 issue "other.test"` at example.test does not let ca.test certify www.example.test: another "#
            + #"authority is named, or none; add `0 issue "ca.test"` there"#
        #expect(plan.steps.map(\.action) == [.refuse(reason)])
    }

    @Test func `a shared certificate goes on without the name that CAA forbids`() async throws {
        let records = Self.empty.merging(["example.test": [], "api.example.test": ["0 issue ;"]]) { $1 }
        let names = ["www.example.test", "api.example.test"]
        let plan = try await plan(names, records: records, choice: .shared(lineage: "web"))
        #expect(plan.steps.first { $0.isOrder }?.names.map(\.text) == ["www.example.test"])
        #expect(plan.steps.count { !$0.isOrder } == 1)
    }

    @Test func `without its wildcard a wildcard's certificate is not ordered for the zone alone`() async throws {
        let records = ["example.test": ["0 issuewild ;"], "test": []]
        let plan = try await plan(["www.example.test"], records: records, choice: .wildcard)
        #expect(!plan.hasOrders && plan.steps.count == 1)
    }

    @Test func `records that cannot be read refuse nothing, and that is said`() async throws {
        let plan = try await plan(["www.example.test"], records: [:])
        #expect(plan.hasOrders)
        let start = "www.example.test is ordered although its CAA records cannot be read: "
        #expect(plan.hints.map(\.text).contains { $0.hasPrefix(start) })
        #expect(plan.hints.allSatisfy { $0.hosts?.map(\.text) == ["www.example.test"] })
    }

    @Test func `check names the zones whose records forbid the authority's certificates`() async throws {
        let records = ["example.test": ["0 issue other.test"], "test": []]
        let lookup = CAALookup(
            resolver: CAAResolver(records: records, questions: AsyncCollector()),
            recursive: DNSServer("192.0.2.53").map { [$0] } ?? []
        )
        let directory = Array(#"{"meta":{"caaIdentities":["ca.test"]}}"#.utf8)
        let refusals = await CAAInspection.refusals(in: zones, directory: directory, lookup: lookup)
        let zone = try DomainName("example.test")
        #expect(refusals.keys.map(\.text) == ["example.test"])
        #expect(refusals[zone]?.contains(#"`0 issue "other.test"` at example.test"#) == true)
        let silent = await CAAInspection.refusals(in: zones, directory: Array("{}".utf8), lookup: lookup)
        #expect(silent.isEmpty)
    }

    @Test func `an authority that names no identity is not checked`() async throws {
        let questions = AsyncCollector<String>()
        let records = Self.empty.merging(["example.test": ["0 issue other.test"]]) { $1 }
        let plan = try await plan(["www.example.test"], identities: "", records: records, questions: questions)
        #expect(plan.hasOrders && questions.all.isEmpty)
    }
}

/// A resolver that knows CAA records alone.
private struct CAAResolver: DNSClient {
    let records: [String: [String]]
    let questions: AsyncCollector<String>

    func query(_ question: DNSQuestion, at server: DNSServer, for scope: Scope) async throws(DNSQueryError) -> DNSAnswer
    {
        questions.add(question.name)
        guard question.kind == .caa, let contents = records[question.name] else { throw .unreachable(server) }
        let answers = contents.map { DNSAnswer.Record(name: question.name, kind: .caa, content: $0) }
        return DNSAnswer(code: 0, authoritative: false, answers: answers)
    }
}
