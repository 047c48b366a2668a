import Emulators
import Model
import Ports
import Report
import Status
import TestSupport
import Testing

/// Zones that take records, or seem to, and do not serve them.
@Suite(.limited(minutes: 5)) struct OddZoneTests {
    private func posts(_ fixture: HostileFixture) -> Int {
        fixture.cloudflare.log.requests.count { $0.method == "POST" }
    }

    /// Whether plan, explanation, page and one notice say the same.
    ///
    /// - Parameter lines: how many lines of notices have the text, however many runs there are.
    private func expectTold(_ text: String, of host: String, lines: Int = 1, _ fixture: HostileFixture) async throws {
        let plan = try await fixture.command("plan")
        #expect(plan.outputText.contains(text), "\(plan.outputText)")
        let explanation = try await fixture.command("explain", host)
        #expect(explanation.outputText.contains(text), "\(explanation.outputText)")
        #expect(!explanation.outputText.contains("everything is up to date"))
        let page = String(outside: try await fixture.askPage("/api/status").body)
        #expect(page.contains(text.replacing("\"", with: "\\\"")), "\(page)")
        try await fixture.awaitMessage(about: text)
        try await fixture.run()
        #expect(fixture.slack.messages.flatMap { $0.text.split(separator: "\n") }.count { $0.contains(text) } == lines)
    }

    @Test func `a full zone costs one try in each run, one notice for all, and no order`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            fixture.cloudflare.set(HostileFixture.zone) { ($0.recordLimit, $0.tellsUsage) = (3, false) }
            for number in 0..<3 { try fixture.put("TXT", "t\(number)", "text") }
            let names = (0..<12).map { "h\($0).example.test" }
            fixture.deploy(StubService("web", ["landfall.host": names.joined(separator: ", ")]))
            try await fixture.start(certbot.variables)
            #expect(posts(fixture) == 1)
            for _ in 0..<2 {
                fixture.cloudflare.log.clear()
                let report = try await fixture.run()
                #expect(posts(fixture) == 1)
                #expect(report.problems.map(\.stage) == ["zone example.test"])
                let text = report.problems.map(\.text).joined()
                #expect(text.contains("Cloudflare says `Record quota exceeded. (81045)`"), "\(text)")
                #expect(text.contains("waiting for it: 12 records, 12 new certificates"), "\(text)")
            }
            #expect(certbot.orders.isEmpty)
            let message = try await fixture.awaitMessage(about: "the zone example.test is full")
            #expect(!message.contains("h7.example.test"))
            #expect(fixture.slack.messages.count == 1, "\(fixture.slack.messages.map(\.text))")
            // Other programs know it as well.
            let plan = try await fixture.command("plan", changes: certbot.variables)
            #expect(plan.outputText.contains("? h7.example.test  the zone example.test is full"), "\(plan.outputText)")
            fixture.cloudflare.set(HostileFixture.zone) { $0.recordLimit = 100 }
            try await fixture.run()
            #expect(fixture.records.count == 15)
            let report = try await fixture.run()
            #expect(Set(certbot.orders) == Set(names), "\(report)")
            try await fixture.awaitMessage(about: "zone example.test: takes records and challenges again")
        }
    }

    @Test func `a zone that is listed and not served gets no record and no order, and says why`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            fixture.cloudflare.set(HostileFixture.zone) { $0.status = "pending" }
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test, api.example.test"]))
            try await fixture.start(certbot.variables)
            let reason =
                "Cloudflare lists the zone example.test as `pending`, so its records there are not served yet; name "
                + "ada.ns.cloudflare.com and bob.ns.cloudflare.com as its name servers at the domain's registrar"
            try await expectTold(reason, of: "www.example.test", fixture)
            #expect(fixture.records.isEmpty && certbot.orders.isEmpty && posts(fixture) == 0)
            let check = try await fixture.command("check")
            #expect(check.end == .exited(1) && check.outputText.contains(reason), "\(check.outputText)")
            let others = try await fixture.command("check", changes: ["LANDFALL_ZONES": "other.test"])
            #expect(!others.outputText.contains(reason), "\(others.outputText)")
            fixture.cloudflare.set(HostileFixture.zone) { $0.status = "active" }
            try await fixture.awaitRecord("A www.example.test \(fixture.publicAddress)")
            #expect(Set(certbot.orders) == ["www.example.test", "api.example.test"])
        }
    }

    @Test func `what lies below a delegation is refused, record and certificate`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            try fixture.put("NS", "dev", "ns.elsewhere.test")
            try fixture.put("NS", "_acme-challenge.api", "ns.elsewhere.test")
            let hosts = "www.dev.example.test, api.example.test, web.example.test"
            fixture.deploy(StubService("web", ["landfall.host": hosts]))
            try await fixture.start(certbot.variables)
            let report = try await fixture.run()
            let dev = "dev.example.test is delegated to ns.elsewhere.test"
            #expect(report.records.first { $0.host.text == "www.dev.example.test" }?.reason?.contains(dev) == true)
            let reasons = report.certificates.map { $0.reason ?? "" }
            #expect(reasons.contains { $0.contains(dev) }, "\(reasons)")
            #expect(reasons.contains { $0.contains("_acme-challenge.api.example.test is delegated to") }, "\(reasons)")
            #expect(certbot.orders == ["web.example.test"])
            #expect(fixture.records.contains("A api.example.test \(fixture.publicAddress)"))
            // The record's, and the certificate's.
            try await expectTold(dev, of: "www.dev.example.test", lines: 2, fixture)
        }
    }

    @Test func `a proxied record two labels below its zone, and what no label requests any more, are told of`()
        async throws
    {
        try await HostileFixture.use { fixture in
            try fixture.put("A", "www", "85.214.1.1", comment: "landfall:default")
            try fixture.put("AAAA", "www", "2606:2800:220::1", comment: "landfall:default")
            let fixed = StubService("www", ["landfall.host": "www.example.test", "landfall.dns": "85.214.1.1"])
            fixture.deploy(StubService("deep", ["landfall.host": "web.dev.example.test"]), fixed)
            try await fixture.start()
            let deep = "web.dev.example.test is proxied and lies 2 labels below its zone"
            try await fixture.awaitMessage(about: deep)
            let explanation = try await fixture.command("explain", "web.dev.example.test")
            #expect(explanation.outputText.contains("landfall.dns.proxied: \"false\""), "\(explanation.outputText)")
            #expect(try await fixture.status().hints.contains { $0.hasPrefix(deep) })
            let left = "www.example.test AAAA 2606:2800:220::1: made by Landfall, no longer requested"
            try await expectTold(left, of: "www.example.test", fixture)
        }
    }

    @Test func `a token's IP filter is said as it is, with the address to add`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            fixture.cloudflare.settings.filteredLocation = "93.184.215.14"
            try await fixture.start()
            let reason = "the token has an IP filter that does not let this machine in"
            let report = try await fixture.run()
            #expect(report.problems.contains { $0.text.contains(reason) && $0.text.contains("add 93.184.215.14") })
            let check = try await fixture.command("check")
            let words = "Cannot use the access token from location: 93.184.215.14 (9109)"
            #expect(check.outputText.contains(reason) && check.outputText.contains(words), "\(check.outputText)")
            #expect(!check.outputText.contains("need Zone:Read"), "the rights are not what is missing")
        }
    }
}
