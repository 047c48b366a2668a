import Emulators
import Model
import Ports
import Report
import Status
import TestSupport
import Testing

/// Hosts that have another address inside (split horizon): the emulated Cloudflare outside, a program of the user's inside.
@Suite(.limited(minutes: 5)) struct InternalViewTests {
    private static let address = "192.168.7.7"
    private static let www = StubService("www", ["landfall.host": "www.example.test"])

    /// What an internal zone holds.
    private struct Inside {
        let fixture: HostileFixture

        init(_ fixture: HostileFixture, _ zones: String = #"{"example.test": []}"#) throws {
            self.fixture = fixture
            try fixture.write(Array(zones.utf8), to: "inside.json")
        }

        /// For Landfall to serve it.
        var variables: [String: String] {
            let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
            return [
                "LANDFALL_EXEC_PROVIDER": "\(root)/deploy/examples/exec-provider/json-zones.py",
                "ZONES_FILE": "\(fixture.path)/inside.json", "LANDFALL_INTERNAL_PROVIDERS": "exec",
                "LANDFALL_INTERNAL_ADDRESS": address, "CLOUDFLARE_PROXIED": "no",
            ]
        }

        /// Each as `A www.example.test 192.168.7.7`, in their order.
        func records() throws -> [String] {
            let zones = try decodeJSON([String: [Record]].self, from: Array((fixture.text("inside.json") ?? "").utf8))
            return zones.values.flatMap(\.self).map { "\($0.type) \($0.name) \($0.content)" }.sorted()
        }

        private struct Record: Decodable { let type, name, content: String }
    }

    private func view(_ report: Report, _ view: View) -> [RecordReport] {
        report.records.filter { ($0.view ?? .public) == view }
    }

    @Test func `each view has its own address, and a change of the public one moves only that side`() async throws {
        try await HostileFixture.use { fixture in
            let inside = try Inside(fixture)
            fixture.deploy(Self.www)
            let plan = try await fixture.command("plan", changes: inside.variables)
            #expect(
                plan.outputText.contains(
                    "+ www.example.test  A \(fixture.publicAddress) (Cloudflare zone example.test)"
                )
            )
            let line = "+ www.example.test  A \(Self.address) (json-zones.py zone example.test, internal view)"
            #expect(plan.outputText.contains(line), "\(plan.outputText)")
            #expect(try fixture.records.isEmpty && inside.records().isEmpty)

            try await fixture.start(inside.variables)
            #expect(fixture.records == ["A www.example.test \(fixture.publicAddress)"])
            #expect(try inside.records() == ["A www.example.test \(Self.address)"])
            let before = fixture.text("inside.json")
            fixture.addresses.settings.ipv4 = "85.214.132.118"
            let report = try await fixture.run()
            #expect(report.changes == 1 && view(report, .internal).map(\.action) == [.keep], "\(report.records)")
            #expect(fixture.records == ["A www.example.test 85.214.132.118"] && fixture.text("inside.json") == before)

            let explanation = try await fixture.command("explain", "www.example.test")
            for text in [
                "record: the public address; in the internal view: the internal address",
                "zone          example.test at Cloudflare", "internal zone example.test at json-zones.py",
                "A \(Self.address) ttl 300, created by this Landfall",
            ] { #expect(explanation.outputText.contains(text), "\(explanation.outputText)") }
            let host = try #require(try await fixture.status().hosts?.first)
            #expect(host.record?.current == "A 192.168.7.7 internally and A 85.214.132.118")
        }
    }

    @Test func `landfall.dns.internal overrides or opts out, and a target of the host's own is the same in both`()
        async throws
    {
        try await HostileFixture.use { fixture in
            let inside = try Inside(fixture)
            fixture.deploy(
                StubService("a", ["landfall.host": "a.example.test", "landfall.dns.internal": "192.168.7.8"]),
                StubService("b", ["landfall.host": "b.example.test", "landfall.dns.internal": "none"]),
                StubService("c", ["landfall.host": "c.example.test", "landfall.dns.internal": "cname:a.example.test"]),
                StubService("d", ["landfall.host": "d.example.test", "landfall.dns": "85.214.1.1"]),
                StubService("e", ["landfall.host": "e.example.test", "landfall.dns": "none"]),
                StubService(
                    "f",
                    ["landfall.host": "f.example.test", "landfall.dns": "none", "landfall.dns.internal": "a"]
                ),
                StubService("g", ["landfall.host": "g.example.test", "landfall.dns.internal": "inside"]),
                StubService("h", ["landfall.host": "h.example.test", "landfall.dns.proxied": "true"])
            )
            try await fixture.start(inside.variables)
            let own = ["a", "b", "c", "g", "h"].map { "A \($0).example.test \(fixture.publicAddress)" }
            #expect(fixture.records == (own + ["A d.example.test 85.214.1.1"]).sorted())
            #expect(
                try inside.records() == [
                    "A a.example.test 192.168.7.8", "A d.example.test 85.214.1.1", "A f.example.test \(Self.address)",
                    "A h.example.test \(Self.address)", "CNAME c.example.test a.example.test",
                ]
            )
            let refusals = try await fixture.run().refusals
            #expect(refusals.map(\.label) == ["landfall.dns.internal"] && refusals.first?.origin.name == "g")
        }
    }

    @Test func `switched on later, records that others made stay in each view until each is handed over`() async throws
    {
        try await HostileFixture.use { fixture in
            let made = #"{"id": "1", "name": "www.example.test", "type": "A", "content": "192.168.7.9"}"#
            let right = #"{"id": "2", "name": "api.example.test", "type": "A", "content": "192.168.7.7"}"#
            let inside = try Inside(fixture, #"{"example.test": [\#(made), \#(right)]}"#)
            try fixture.put("A", "www", "85.214.1.1")
            fixture.deploy(Self.www, StubService("api", ["landfall.host": "api.example.test"]))
            let daemon = try await fixture.start()
            try await fixture.stop(daemon)
            try await fixture.start(inside.variables)
            let before = try inside.records()
            #expect(before == ["A api.example.test 192.168.7.7", "A www.example.test 192.168.7.9"])
            let report = try await fixture.run()
            let reason = try #require(view(report, .internal).first { $0.host.text == "www.example.test" }?.reason)
            #expect(reason.hasPrefix("internal view: A 192.168.7.9 was not made by Landfall"))
            #expect(reason.contains("`landfall once --adopt internal:www.example.test`"), "\(reason)")

            let outside = try await fixture.command("once", "--adopt", "www.example.test", changes: inside.variables)
            #expect(outside.end == .exited(0), "\(outside.outputText) \(outside.errorText)")
            #expect(fixture.records.contains("A www.example.test \(fixture.publicAddress)"))
            #expect(try inside.records() == before)
            let adoption = ["once", "--adopt", "internal:www.example.test"]
            let within = try await fixture.command(adoption[0], adoption[1], adoption[2], changes: inside.variables)
            #expect(within.end == .exited(0), "\(within.outputText) \(within.errorText)")
            #expect(try inside.records() == before.map { $0.replacing("192.168.7.9", with: Self.address) })
        }
    }

    @Test func `a zone of one view is no matter of the other, and no certificate is ordered for an internal name`()
        async throws
    {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            let inside = try Inside(fixture, #"{"example.test": [], "home.test": []}"#)
            fixture.deploy(
                StubService("web", ["landfall.host": "www.example.test, nas.home.test, web.other.test, x.nowhere.test"])
            )
            // `nas.home.test` is not placed below the default domain either.
            let changes = ["DEFAULT_DOMAIN": "other.test", "LANDFALL_QUALIFY": "short"]
            try await fixture.start(inside.variables.merging(certbot.variables) { $1 }.merging(changes) { $1 })
            let report = try await fixture.run()
            #expect(try inside.records() == ["nas.home.test", "www.example.test"].map { "A \($0) \(Self.address)" })
            let records = view(report, .public).map { "\($0.host) \($0.action.rawValue)" }
            #expect(
                records == ["web.other.test keep", "www.example.test keep", "x.nowhere.test.other.test keep"],
                "\(report.records)"
            )
            #expect(!certbot.orders.contains("nas.home.test") && certbot.orders.contains("www.example.test"))
            let reason = report.certificates.first { $0.lineage == "nas.home.test" }?.reason ?? ""
            #expect(reason.contains("its zone home.test is in the internal view only"), "\(reason)")
            #expect(report.hosts.first { $0.name.text == "nas.home.test" }?.record?.outcome == .unchanged)
        }
    }

    @Test func `while the inside cannot be read nothing is held back outside, and nothing is withdrawn there`()
        async throws
    {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            let inside = try Inside(fixture)
            let changes = [
                "LANDFALL_DNS_POLICY": "sync", "LANDFALL_INSTANCE": "tests", "LANDFALL_DNS_GRACE": "100ms",
                "DEFAULT_DOMAIN": "example.test",
            ]
            let variables = inside.variables.merging(certbot.variables) { $1 }.merging(changes) { $1 }
            // The first one by a short name, which is placed by the zones of both views.
            let rest = ["b", "c.example.test", "d.example.test"].map { StubService($0, ["landfall.host": "\($0)"]) }
            fixture.docker.set { $0.services = [Self.www] + rest }
            try await fixture.start(variables)
            let kept = try #require(fixture.text("inside.json"))
            try fixture.write(Array("{".utf8), to: "inside.json")
            fixture.docker.set { $0.services = rest + [StubService("new", ["landfall.host": "new.example.test"])] }
            for _ in 0..<4 { try await fixture.run() }
            for name in ["new", "b"] {
                #expect(fixture.records.contains("A \(name).example.test \(fixture.publicAddress)"))
            }
            #expect(certbot.orders.contains("new.example.test"))
            let report = try await fixture.run()
            #expect(report.problems.contains { $0.text.hasPrefix("json-zones.py: ") }, "\(report.problems)")

            // With both read again, each view deletes what no label requests any more.
            try fixture.write(Array(kept.utf8), to: "inside.json")
            try await eventually("the deletion in both views", within: .seconds(60)) {
                try await fixture.run()
                let all = try inside.records() + fixture.records
                return !all.contains { $0.contains("www.example.test") } && all.count == 8
            }
        }
    }

    @Test func `many deletions wait for a person in each view, those outside first`() async throws {
        try await HostileFixture.use { fixture in
            let inside = try Inside(fixture)
            let changes = [
                "LANDFALL_DNS_POLICY": "sync", "LANDFALL_INSTANCE": "tests", "LANDFALL_DNS_GRACE": "100ms",
            ]
            fixture.deploy(
                Self.www,
                StubService("a", ["landfall.host": (0..<6).map { "a\($0).example.test" }.joined(separator: ",")])
            )
            try await fixture.start(inside.variables.merging(changes) { $1 })
            #expect(try fixture.records.count == 7 && inside.records().count == 7)
            fixture.deploy(Self.www)
            for isOutside in [true, false] {
                let code = try await eventually("a list of deletions", within: .seconds(60)) {
                    try await fixture.run().deletions?.code
                }
                let command = try await fixture.command("once", "--confirm-deletes", code)
                #expect(command.end == .exited(0), "\(command.outputText) \(command.errorText)")
                #expect(fixture.records.count == 1)
                #expect(try inside.records().count == (isOutside ? 7 : 1))
            }
            #expect(try await fixture.run().deletions == nil)
        }
    }

    @Test func `an interface gives the inner address, and without one the inside waits and says why`() async throws {
        try await HostileFixture.use { fixture in
            let inside = try Inside(fixture)
            fixture.deploy(Self.www)
            try await fixture.start(
                inside.variables.merging(["LANDFALL_INTERNAL_ADDRESS": "interface:nowhere0"]) { $1 }
            )
            #expect(fixture.records == ["A www.example.test \(fixture.publicAddress)"])
            #expect(try inside.records().isEmpty)
            try await fixture.awaitMessage(about: "the internal address is not known: ")
            #expect(try await fixture.run().problems.count == 1)
        }
    }

    @Test func `a provider of lexicon serves the view that is said of it`() async throws {
        try await HostileFixture.use { fixture in
            try await fixture.writeProgram("#!/bin/sh\necho '[]'\n", to: "lexicon")
            fixture.deploy(Self.www)
            let changes = [
                "LEXICON_PROGRAM": "\(fixture.path)/lexicon",
                "LANDFALL_LEXICON": "powerdns:example.test,ovh:nowhere.test",
                "LANDFALL_INTERNAL_PROVIDERS": "lexicon:powerdns", "LANDFALL_INTERNAL_ADDRESS": Self.address,
            ]
            let plan = try await fixture.command("plan", changes: changes)
            let line = "+ www.example.test  A \(Self.address) (powerdns (lexicon) zone example.test, internal view)"
            #expect(plan.outputText.contains(line), "\(plan.outputText)")
            #expect(plan.outputText.contains("A \(fixture.publicAddress) proxied (Cloudflare zone example.test)"))
        }
    }

    @Test func `check names the view, its address and what is missing`() async throws {
        try await HostileFixture.use { fixture in
            let inside = try Inside(fixture)
            let check = try await fixture.command("check", changes: inside.variables)
            #expect(check.outputText.contains("internal view"), "\(check.outputText)")
            #expect(check.outputText.contains("exec; hosts have \(Self.address)"), "\(check.outputText)")
            let wrong = inside.variables.merging(["LANDFALL_INTERNAL_PROVIDERS": "rfc2136"]) { $1 }
            let refused = try await fixture.command("check", changes: wrong)
            let text =
                "LANDFALL_INTERNAL_PROVIDERS names `rfc2136`, which is not configured; configured: cloudflare, exec"
            #expect(refused.end == .exited(2) && refused.errorText.contains(text), "\(refused.errorText)")
            let alone = inside.variables.merging(["CLOUDFLARE_API_TOKEN": ""]) { $1 }
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test, www.nowhere.test"]))
            let view = try await fixture.command("plan", changes: alone)
            #expect(view.outputText.contains("! www.nowhere.test  internal view: it is in none"), "\(view.outputText)")
            let found = try await fixture.command("check", changes: alone)
            #expect(found.outputText.contains("no provider serves the public view"), "\(found.outputText)")
            fixture.deploy(StubService("www", ["landfall.host": "www.example.test", "landfall.dns.internal": "none"]))
            let plan = try await fixture.command("plan")
            #expect(plan.outputText.contains("landfall.dns.internal does nothing"), "\(plan.outputText)")
        }
    }
}
