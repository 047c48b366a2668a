import Emulators
import HTTPServer
import Model
import Ports
import Processes
import Report
import Status
import TestSupport
import Testing

/// Records that somebody else has.
@Suite(.limited(minutes: 5)) struct HostileRecordTests {
    private static let other = "85.214.1.1"

    @Test func `a label does not change a record that a person made, and everything says how to hand it over`()
        async throws
    {
        try await HostileFixture.use { fixture in
            try fixture.put("A", "mail", Self.other)
            fixture.deploy(StubService("thief", ["landfall.host": "mail.example.test"]))
            try await fixture.start()
            let report = try await fixture.run()
            let reason = try #require(report.records.first?.reason)
            #expect(reason.contains("`landfall once --adopt mail.example.test`"), "\(reason)")
            #expect(reason.contains("LANDFALL_DNS_ADOPT=yes"), "\(reason)")
            #expect(fixture.records == ["A mail.example.test \(Self.other)"])
            #expect(try await fixture.status().hosts?.first?.lastError?.text == reason)
            for arguments in [["once"], ["plan"], ["explain", "mail.example.test"]] {
                let result = try await LandfallProgram.run(arguments, fixture.variables())
                #expect(result.outputText.contains(reason), "\(arguments): \(result.outputText)")
            }
            try await fixture.awaitMessage(about: reason)
            #expect(fixture.log.contains(reason))
        }
    }

    @Test func `once --adopt hands over one record, and LANDFALL_DNS_ADOPT=yes all`() async throws {
        try await HostileFixture.use { fixture in
            for name in ["mail", "web"] { try fixture.put("A", name, Self.other) }
            fixture.deploy(StubService("web", ["landfall.host": "mail.example.test, web.example.test"]))
            let daemon = try await fixture.start()
            #expect(try await fixture.command("once", "--adopt", "unasked.example.test").end == .exited(1))
            #expect(fixture.records == ["A mail.example.test \(Self.other)", "A web.example.test \(Self.other)"])
            #expect(try await fixture.command("once", "--adopt", "web.example.test").end == .exited(0))
            let half = ["A mail.example.test \(Self.other)", "A web.example.test \(fixture.publicAddress)"]
            #expect(fixture.records == half)
            try await fixture.run()
            #expect(fixture.records == half, "it was for one run")
            try await fixture.stop(daemon)
            try await fixture.start(["LANDFALL_DNS_ADOPT": "yes"])
            let all = ["mail", "web"].map { "A \($0).example.test \(fixture.publicAddress)" }
            #expect(fixture.records == all)
        }
    }

    @Test func `a record that is right already is adopted without a word, and follows the address`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.put("A", "web", fixture.publicAddress, comment: "by hand")
            fixture.deploy(StubService("web", ["landfall.host": "web.example.test"]))
            try await fixture.start()
            let report = try await fixture.run()
            #expect(report.isClean && report.records.allSatisfy { $0.reason == nil })
            fixture.addresses.settings = AddressSettings(ipv4: "85.214.132.118")
            try await eventually("the new address") {
                try await fixture.run()
                return fixture.records == ["A web.example.test 85.214.132.118"]
            }
        }
    }

    /// Records that no label may change, and the labels that try.
    static let attempts: [(type: String, name: String, content: String, labels: StubLabels)] = [
        ("A", "x", other, ["landfall.host": "x.example.test"]),
        ("A", "x", other, ["landfall.host": "X.EXAMPLE.TEST."]),
        ("A", "x", other, ["landfall.host": "x.example.test", "landfall.dns": "85.214.9.9"]),
        ("A", "x", other, ["landfall.host": "x.example.test", "landfall.dns": "cname:attacker.example"]),
        ("A", "x", other, ["landfall.host": "x.example.test", "landfall.dns": "2a01:238:4000::9"]),
        ("A", "x", "85.214.132.117", ["landfall.host": "x.example.test", "landfall.dns": "85.214.9.9"]),
        ("AAAA", "x", "2a01:238:4000::9", ["landfall.host": "x.example.test", "landfall.dns": "2a01:238:4000::8"]),
        ("CNAME", "x", "shop.example.net", ["landfall.host": "x.example.test"]),
        (
            "CNAME", "x", "shop.example.net",
            ["landfall.host": "x.example.test", "landfall.dns": "cname:attacker.example"]
        ),
        ("A", "@", other, ["landfall.host": "example.test"]), ("A", "*", other, ["landfall.host": "*.example.test"]),
        ("AAAA", "x", "100::", ["landfall.host": "x.example.test"]),
        ("AAAA", "x", "0100:0:0:0:0:0:0:0", ["landfall.host": "x.example.test"]),
        ("CNAME", "x", "6ff42ae2.cfargotunnel.com", ["landfall.host": "x.example.test"]),
        ("CNAME", "x", "6FF42AE2.CfArgoTunnel.com", ["landfall.host": "x.example.test"]),
    ]

    private func attack(_ fixture: HostileFixture, _ index: Int, _ changes: [String: String] = [:]) async throws {
        let attempt = Self.attempts[index]
        try fixture.put(attempt.type, attempt.name, attempt.content)
        let before = fixture.cloudflare.records(in: HostileFixture.zone)
        fixture.deploy(StubService("thief", attempt.labels))
        try await fixture.start(changes)
        let report = try await fixture.run()
        // An address of another family stands beside one that is there.
        let kept = fixture.cloudflare.records(in: HostileFixture.zone).filter { $0.id == before[0].id }
        #expect(kept == before, "\(report.records)")
    }

    @Test(arguments: attempts.indices) func `no label changes a record that it does not own`(index: Int) async throws {
        try await HostileFixture.use { try await attack($0, index) }
    }

    /// Of the attempts, those at records of products.
    private static let products = attempts.indices.suffix(4)

    @Test(
        arguments: products,
        [[:], ["LANDFALL_DNS_ADOPT": "yes"], ["LANDFALL_DNS_POLICY": "sync", "LANDFALL_INSTANCE": "tests"]]
    )
    func `a record of a product is named, never adopted, and nothing is put beside it`(
        index: Int,
        changes: [String: String]
    ) async throws {
        try await HostileFixture.use { fixture in
            try await attack(fixture, index, changes)
            let report = try await fixture.run(confirming: "adopt:x.example.test")
            #expect(fixture.records.count == 1)
            let product = Self.attempts[index].type == "AAAA" ? "a Cloudflare Worker" : "a Cloudflare Tunnel"
            #expect(report.records.first?.reason?.contains("belongs to \(product)") == true, "\(report.records)")
        }
    }

    @Test func `so is a record that only another product of Cloudflare's can change`() async throws {
        try await HostileFixture.use { fixture in
            let record =
                #"{"id":"1","type":"A","name":"x.example.test","content":"85.214.1.1","ttl":1,"proxied":true,"#
                + #""comment":"landfall:default","meta":{"read_only":true}}"#
            let pages = #"{"page":1,"per_page":5000,"count":1,"total_count":1,"total_pages":1}"#
            fixture.answerAsCloudflare { request in
                guard request.method == "GET", request.path.hasSuffix("/dns_records") else { return nil }
                return .text(#"{"success":true,"errors":[],"result":[\#(record)],"result_info":\#(pages)}"#)
            }
            fixture.deploy(StubService("thief", ["landfall.host": "x.example.test"]))
            try await fixture.start(["LANDFALL_DNS_ADOPT": "yes"])
            let report = try await fixture.run(confirming: "adopt:x.example.test")
            #expect(report.records.first?.reason?.contains("another product of Cloudflare's") == true)
            #expect(fixture.cloudflare.log.requests.allSatisfy { $0.method == "GET" })
        }
    }

    @Test func `a record of another Landfall is not adopted either`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.put("A", "x", Self.other, comment: "landfall:other")
            fixture.deploy(StubService("thief", ["landfall.host": "x.example.test"]))
            try await fixture.start(["LANDFALL_DNS_ADOPT": "yes"])
            let report = try await fixture.run(confirming: "adopt:x.example.test")
            #expect(fixture.records == ["A x.example.test \(Self.other)"])
            #expect(report.records.first?.reason?.contains("belongs to the Landfall instance `other`") == true)
        }
    }
}

/// The record of a host that another service had first.
@Suite(.limited(minutes: 5)) struct HostileNewcomerTests {
    private static let web = StubService("web", ["landfall.host": "www.example.test"])

    static let newcomers: [StubLabels] = [
        ["landfall.host": "www.example.test", "landfall.dns.proxied": "false"],
        ["landfall.host": "www.example.test", "landfall.dns.ttl": "60"],
        ["landfall.host": "www.example.test", "landfall.dns": "85.214.9.9"],
        ["landfall.host": "www.example.test", "landfall.dns": "85.214.132.117"],
        ["landfall.host": "www.example.test", "landfall.dns": "2a01:238:4000::9"],
        ["landfall.host": "www.example.test", "landfall.dns": "cname:attacker.example"],
        ["landfall.host": "www.example.test", "landfall.dns": "none"],
        ["landfall.host": "www.example.test", "landfall.dns": "nonsense"],
    ]

    @Test(arguments: newcomers.indices)
    func `a newcomer changes neither the proxy, nor the options, nor the target of a host`(index: Int) async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(Self.web)
            try await fixture.start()
            let before = fixture.cloudflare.records(in: HostileFixture.zone)
            #expect(before.map(\.proxied) == [true])
            let labels = Self.newcomers[index]
            // Its name sorts before and after the first one's.
            for name in ["aaa", "zzz"] {
                fixture.deploy(Self.web, StubService(name, labels))
                for _ in 0..<2 { try await fixture.run() }
                #expect(fixture.cloudflare.records(in: HostileFixture.zone) == before, "\(labels)")
            }
            // What the newcomer says of yesterday's address does not hold today's back.
            fixture.addresses.settings = AddressSettings(ipv4: "85.214.132.118")
            try await eventually("the new address") {
                try await fixture.run()
                return fixture.records == ["A www.example.test 85.214.132.118"]
            }
            #expect(fixture.cloudflare.records(in: HostileFixture.zone).map(\.proxied) == [true])
        }
    }

    @Test func `that holds when Landfall starts anew, and while the first one is deployed anew`() async throws {
        try await HostileFixture.use { fixture in
            let thief = StubService("aaa", ["landfall.host": "www.example.test", "landfall.dns": "85.214.9.9"])
            fixture.deploy(Self.web)
            let daemon = try await fixture.start()
            fixture.deploy(Self.web, thief)
            try await fixture.run()
            try await fixture.stop(daemon)
            try await fixture.start()
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
            fixture.deploy(thief)
            let report = try await fixture.run()
            let reason = try #require(report.records.first?.reason)
            #expect(reason.contains(" stays until the service that requested it has been away for an hour"))
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
            // A service that is deployed anew has another ID.
            fixture.deploy(StubService("web", id: "anew", ["landfall.host": "www.example.test"]), thief)
            try await fixture.run()
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
        }
    }
}

/// Names whose zone is not there.
@Suite(.limited(minutes: 5)) struct HostileZoneTests {
    private static let domain = ["DEFAULT_DOMAIN": "example.test"]
    private static let shop = StubService("shop", ["landfall.host": "shop.example.net"])

    @Test func `a name that ends in a public suffix is not placed below the default domain`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            fixture.deploy(Self.shop)
            try await fixture.start(Self.domain.merging(certbot.variables) { $1 })
            let report = try await fixture.run()
            let reason = try #require(report.records.first?.reason)
            #expect(reason.contains("the zone example.net"), "\(reason)")
            #expect(reason.contains("shop.example.net.example.test"), "\(reason)")
            #expect(fixture.records.isEmpty && certbot.orders.isEmpty)
        }
    }

    @Test func `LANDFALL_QUALIFY=dotted places it there`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(Self.shop)
            try await fixture.start(Self.domain.merging(["LANDFALL_QUALIFY": "dotted"]) { $1 })
            try await fixture.awaitOnlyRecord("A shop.example.net.example.test \(fixture.publicAddress)")
        }
    }

    @Test func `a name whose zone is gone is held, told of as an error, and moved nowhere`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            let changes = ["DEFAULT_DOMAIN": "other.test", "LANDFALL_INSTANCE": "tests"].merging(certbot.variables) {
                $1
            }
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start(changes)
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
            #expect(certbot.orders == ["www.example.test"])
            try await fixture.stop(daemon)
            // The token was narrowed: its list of zones is complete.
            let narrow = ["CLOUDFLARE_API_TOKEN": "narrow-token", "LANDFALL_DNS_POLICY": "sync"]
            try await fixture.start(changes.merging(narrow) { $1 })
            let report = try await fixture.run()
            let text = try #require(report.records.first { $0.host.text == "www.example.test" }?.outcome.detail)
            #expect(text.contains("its zone example.test was at Cloudflare"), "\(text)")
            #expect(fixture.cloudflare.records(in: "other.test").isEmpty)
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
            #expect(certbot.orders == ["www.example.test"])
            try await fixture.awaitMessage(about: "its zone example.test was at Cloudflare")
            let certificate = report.certificates.first { $0.lineage == "www.example.test" }
            #expect(certificate?.hosts.isEmpty == false, "its certificate is still asked for: \(report.certificates)")
        }
    }

    @Test(arguments: [
        "*.example.test.attacker.example", "example.test.", ".example.test", "..", "-", "xn--", "@", "*",
        "*.*.example.test",
        "www.example.test:443", "http://www.example.test", "www.example.test/../x", "www example.test",
        "www。example。test",
        "ｗｗｗ.example.test",
    ])
    func `no spelling of a name reaches another zone or a file`(name: String) async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            fixture.deploy(StubService("hostile", ["landfall.host": name]))
            try await fixture.start(certbot.variables)
            try await fixture.run()
            let names = fixture.cloudflare.records(in: HostileFixture.zone).map(\.name)
            #expect(names.allSatisfy { $0 == "example.test" || $0 == "www.example.test" }, "\(names)")
            #expect(fixture.cloudflare.records(in: "other.test").isEmpty)
            #expect(certbot.orders.allSatisfy { $0 == "example.test" || $0 == "www.example.test" }, "\(certbot.orders)")
        }
    }
}
