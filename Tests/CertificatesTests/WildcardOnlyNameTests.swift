import Certificates
import DNS
import Log
import Model
import Ports
import State
import TestSupport
import Testing

/// Names that resolve only through a wildcard record.
@Suite struct WildcardOnlyNameTests {
    /// What records stand, whose shadow is it then, and is it one.
    private static let cases: [(records: [String], name: String, resolvesOnlyByWildcard: Bool)] = [
        ([], "a.example.test", false), (["*.example.test"], "a.example.test", true),
        (["*.example.test", "a.example.test"], "a.example.test", false),
        (["*.example.test", "x.a.example.test"], "a.example.test", false),
        (["*.example.test"], "b.a.example.test", true),
        (["*.example.test", "a.example.test"], "b.a.example.test", false),
        (["*.example.test", "*.a.example.test"], "b.a.example.test", true),
        (["*.example.test", "*.a.example.test"], "a.example.test", false),
        (["*.example.test"], "example.test", false), (["*.example.test"], "*.example.test", false),
        (["*.example.test"], "*.a.example.test", true), (["*.other.test"], "a.example.test", false),
        (["www.example.test"], "a.example.test", false),
    ]

    private let scratch: Scratch
    private let zones: ZoneDirectory

    init() throws {
        scratch = try Scratch()
        zones = FakeProvider(zone: try DomainName("example.test")).directory
    }

    private func isRefused(_ name: String, knownRecords: KnownRecords, wildcardProbe: WildcardProbe? = nil) async throws
        -> Bool
    {
        let stage = CertificateStage.withoutCertbot(
            in: scratch,
            state: try .inMemory(),
            clock: TestClock(),
            wildcardProbe: wildcardProbe
        )
        let host = DesiredHost(name: try DomainName(name), origin: Origin(kind: .service, id: "1", name: "web"))
        let step = try #require(await stage.plan([host], zones: zones, knownRecords: knownRecords).steps.first)
        if case .refuse(let reason) = step.action {
            #expect(reason.contains("use `landfall.certificate: wildcard`"))
            return true
        }
        #expect(step.isOrder)
        return false
    }

    @Test(arguments: cases)
    func `known records show which names resolve only by a wildcard`(
        records: [String],
        name: String,
        resolvesOnlyByWildcard: Bool
    ) async throws {
        let zone = try DomainName("example.test")
        let knownRecords = KnownRecords(names: [zone: try records.map { try DomainName($0) }])
        #expect(try await isRefused(name, knownRecords: knownRecords) == resolvesOnlyByWildcard)
    }

    @Test(arguments: cases)
    func `resolvers show it where the zone was not read`(records: [String], name: String, resolvesOnlyByWildcard: Bool)
        async throws
    {
        let server = try #require(DNSServer("127.0.0.1:53"))
        let wildcardProbe = WildcardProbe(resolver: SmallZone(records: Set(records)), recursive: [server])
        #expect(
            try await isRefused(name, knownRecords: KnownRecords(), wildcardProbe: wildcardProbe)
                == resolvesOnlyByWildcard
        )
    }

    @Test func `without resolvers nothing is held`() async throws {
        let wildcardProbe = WildcardProbe(resolver: SmallZone(records: []), recursive: [])
        #expect(try await !isRefused("a.example.test", knownRecords: KnownRecords(), wildcardProbe: wildcardProbe))
    }

    @Test func `a resolver that does not answer holds a first order: its challenge might take the host away`()
        async throws
    {
        let wildcardProbe = WildcardProbe(
            resolver: SilentResolver(),
            recursive: [try #require(DNSServer("192.0.2.53"))]
        )
        let stage = CertificateStage.withoutCertbot(
            in: scratch,
            state: try .inMemory(),
            clock: TestClock(),
            wildcardProbe: wildcardProbe
        )
        let host = DesiredHost(
            name: try DomainName("a.example.test"),
            origin: Origin(kind: .service, id: "1", name: "web")
        )
        let step = await stage.plan([host], zones: zones).steps.first
        let reason = "no resolver could say whether a.example.test resolves only through a wildcard record"
        #expect(step?.action == .wait(reason))
    }
}

private struct SilentResolver: DNSClient {
    func query(_ question: DNSQuestion, at server: DNSServer, for scope: Scope) async throws(DNSQueryError) -> DNSAnswer
    {
        throw .unreachable(server)
    }
}

/// Answers as a server of a zone with these A records does (RFC 1034 §4.3.2, RFC 4592).
private struct SmallZone: DNSClient {
    let records: Set<String>

    func query(_ question: DNSQuestion, at server: DNSServer, for scope: Scope) async throws(DNSQueryError) -> DNSAnswer
    {
        let nodes = Set(records.flatMap(Self.ancestry) + ["example.test", "test"])
        let names = Self.ancestry(question.name)
        guard let encloser = names.first(where: nodes.contains) else {
            return DNSAnswer(code: 3, authoritative: false, answers: [])
        }
        let owner = encloser == question.name ? encloser : "*.\(encloser)"
        guard nodes.contains(owner) else { return DNSAnswer(code: 3, authoritative: false, answers: []) }
        let isThere = records.contains(owner) && question.kind == .a
        let record = DNSAnswer.Record(name: question.name, kind: .a, content: "192.0.2.1")
        return DNSAnswer(code: 0, authoritative: false, answers: isThere ? [record] : [])
    }

    private static func ancestry(_ name: String) -> [String] {
        let labels = name.split(separator: ".")
        return labels.indices.map { labels[$0...].joined(separator: ".") }
    }
}
