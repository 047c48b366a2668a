import Discovery
import Docker
import Model
import Testing

@Suite struct LabelsTests {
    private func read(
        _ labels: [String: String],
        container: [String: String] = [:],
        domain: String? = "example.test",
        zones: [String]? = nil
    ) throws -> Discovered {
        let rules = DiscoveryRules(
            defaultDomain: try domain.map { try DomainName($0) },
            hostLabels: ["discovery.domain.name"],
            signalLabels: ["domain.automation.signal"],
            allowedZones: try zones?.map { try DomainName($0) }
        )
        return Discovery.read(
            [Service(id: "s1", name: "web", labels: labels, containerLabels: container)],
            rules: rules
        )
    }

    private func host(_ labels: [String: String]) throws -> DesiredHost {
        let found = try read(labels.merging(["landfall.host": "a.example.test"]) { $1 })
        #expect(found.refusals.isEmpty)
        return try #require(found.hosts.first)
    }

    /// The one refusal that `labels` yield.
    private func refusal(_ labels: [String: String]) throws -> Refusal {
        let found = try read(labels.merging(["landfall.host": "a.example.test"]) { $1 })
        #expect(found.refusals.count == 1)
        return try #require(found.refusals.first)
    }

    @Test(arguments: [
        ("a.example.test", ["a.example.test"]), (" b , a.other.test,,b,", ["a.other.test", "b.example.test"]),
        ("*.example.test,example.test", ["*.example.test", "example.test"]),
        ("Bücher.example.test", ["xn--bcher-kva.example.test"]), ("B.Example.TEST.", ["b.example.test"]),
    ])
    func `names are listed with commas, and short ones get the default domain`(value: String, names: [String]) throws {
        let found = try read(["landfall.host": value])
        #expect(found.hosts.map(\.name.text) == names)
        #expect(found.refusals.isEmpty && found.hints.isEmpty)
        #expect(found.hosts.allSatisfy { $0.target == .publicAddress && $0.certificate == .each })
        #expect(found.hosts.allSatisfy { $0.origin == Origin(kind: .service, id: "s1", name: "web") })
    }

    @Test func `all configured labels are read, and a name in two of them is one host`() throws {
        let found = try read(["landfall.host": "a,b", "discovery.domain.name": "b,c"])
        #expect(found.hosts.map(\.name.text) == ["a.example.test", "b.example.test", "c.example.test"])
    }

    @Test(arguments: ["--config=x", "a b", "../../x", "$(id)", "me@example.test", "https://a.example.test", "a.*.test"])
    func `a bad name is refused by itself, and the good names beside it are served`(bad: String) throws {
        let found = try read(["landfall.host": "good,\(bad),fine"])
        #expect(found.hosts.map(\.name.text) == ["fine.example.test", "good.example.test"])
        #expect(found.refusals.map(\.value) == [bad])
        #expect(found.refusals.map(\.label) == ["landfall.host"])
        #expect("\(found.refusals[0])".hasPrefix("service web: landfall.host: `\(bad)` refused: "))
    }

    @Test(arguments: ["", " ", ",", " , "])
    func `a label that names nobody is refused`(value: String) throws {
        #expect(try read(["landfall.host": value]).refusals.map(\.reason) == ["it names no host"])
    }

    @Test func `a short name without a default domain is refused, with what to set`() throws {
        let found = try read(["landfall.host": "web,a.example.test"], domain: nil)
        #expect(found.hosts.map(\.name.text) == ["a.example.test"])
        #expect(found.refusals.map(\.value) == ["web"])
        #expect(found.refusals[0].reason.contains("DEFAULT_DOMAIN"))
    }

    @Test func `a name outside the allowed zones is refused, and they are named`() throws {
        let value = "a.example.test,a.other.test,notexample.test,*.example.test"
        let found = try read(["landfall.host": value], domain: nil, zones: ["example.test", "example.org"])
        #expect(found.hosts.map(\.name.text) == ["*.example.test", "a.example.test"])
        #expect(found.refusals.map(\.value) == ["a.other.test", "notexample.test"])
        #expect(found.refusals[0].reason == "outside the zones in LANDFALL_ZONES (example.test, example.org)")
    }

    @Test func `a name that may lie below an allowed default domain passes, for only the zones can tell`() throws {
        let value = ["landfall.host": "web.dev,a.example.test"]
        #expect(try read(value, zones: ["example.test"]).hosts.map(\.name.text) == ["a.example.test", "web.dev"])
        #expect(try read(value, zones: ["example.org"]).hosts.isEmpty)
    }

    @Test func `a host tells the first label that names it`() throws {
        let labels = ["discovery.domain.name": "a.example.test,b.example.test", "landfall.host": "b.example.test"]
        #expect(try read(labels).hosts.map(\.label) == ["discovery.domain.name", "landfall.host"])
    }

    @Test func `the target of a record`() throws {
        #expect(try host(["landfall.dns": "A"]).target == .publicAddress)
        #expect(try host(["landfall.dns": "none"]).target == .none)
        #expect(try host(["landfall.dns": " 192.168.1.10 "]).target == .address(#require(IPAddress("192.168.1.10"))))
        #expect(try host(["landfall.dns": "2001:db8::1"]).target == .address(#require(IPAddress("2001:db8::1"))))
        #expect(try host(["landfall.dns": "CNAME: edge.other.test"]).target == .alias(DomainName("edge.other.test")))
        #expect(try host(["landfall.dns": "cname:edge"]).target == .alias(DomainName("edge.example.test")))
    }

    @Test(arguments: [
        "b", "", "cname:", "cname:*.example.test", "cname:a b", "256.1.1.1", "cname:a.example.test", "cname:192.0.2.1",
    ])
    func `a target that cannot be understood is refused, and no record is made on its strength`(value: String) throws {
        let found = try read(["landfall.host": "a.example.test", "landfall.dns": value])
        #expect(found.hosts.map(\.target) == [.none])
        #expect(found.hosts.map(\.certificate) == [.each])
        #expect(found.refusals.map(\.label) == ["landfall.dns"])
    }

    @Test func `the options of a record`() throws {
        #expect(try host([:]).options == RecordOptions())
        let options = try host(["landfall.dns.proxied": "No", "landfall.dns.ttl": " 300 "]).options
        #expect(options == RecordOptions(proxied: false, ttl: 300))
        #expect(try host(["landfall.dns.ttl": "auto"]).options.ttl == 1)
    }

    @Test(arguments: [
        ("landfall.dns.proxied", "maybe"), ("landfall.dns.ttl", "5m"), ("landfall.dns.ttl", "29"),
        ("landfall.dns.ttl", "-1"), ("landfall.dns.ttl", "86401"), ("landfall.certificate", "both"),
    ])
    func `a bad value is refused with what would be right`(label: String, value: String) throws {
        let refusal = try refusal([label: value])
        #expect(refusal.label == label)
        #expect(refusal.value == value)
        #expect(refusal.reason.hasPrefix("it takes "))
    }

    @Test func `the choice of a certificate`() throws {
        #expect(try host(["landfall.certificate": "Each"]).certificate == .each)
        #expect(try host(["landfall.certificate": "wildcard"]).certificate == .wildcard)
        #expect(try host(["landfall.certificate": "none"]).certificate == .none)
        #expect(try host(["landfall.certificate": "shared"]).certificate == .shared(lineage: "web"))
        let labels = ["landfall.certificate": "shared", "landfall.certificate.name": "site_1.x-y"]
        #expect(try host(labels).certificate == .shared(lineage: "site_1.x-y"))
    }

    @Test func `a choice that cannot be understood orders nothing`() throws {
        let found = try read(["landfall.host": "a", "landfall.certificate": "both"])
        #expect(found.hosts.map(\.certificate) == [.none])
    }

    @Test(arguments: [
        "../x", "a/b", "-x", ".x", "", "a b", "README", "ü", "a\u{0}", String(repeating: "a", count: 201),
    ])
    func `a certificate's name is one plain path component`(name: String) throws {
        let refusal = try refusal(["landfall.certificate": "shared", "landfall.certificate.name": name])
        #expect(refusal.label == "landfall.certificate.name")
    }
}
