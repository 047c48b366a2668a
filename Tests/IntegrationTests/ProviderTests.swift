import Ports
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    /// Zones that are not at the emulated Cloudflare.
    @Suite struct ProviderTests {
        private static let zone = "dynamic.test"

        @Test func `three providers at once, each with record and certificate, and replayed`() async throws {
            try await SandboxFixture.use { fixture in
                let zones = "\(fixture.folder)/zones.json"
                try Disk.write(#"{"program.example.org": []}"#, to: zones)
                let (cloudflare, dynamic) = (fixture.host("web"), "web-\(fixture.token).\(Self.zone)")
                let program = "web-\(fixture.token).program.example.org"
                let recordings = "\(fixture.folder)/recordings"
                try await fixture.createService("web", ["landfall.host": "\(cloudflare),\(dynamic)"])
                // Nobody asks such a zone's name servers, so no authority can look there.
                try await fixture.createService("program", ["landfall.host": program, "landfall.certificate": "none"])
                let landfall = try await fixture.launch([
                    "LANDFALL_RECORD": recordings, "ZONES_FILE": zones,
                    "LANDFALL_EXEC_PROVIDER": Self.example, "HOSTER_TOKEN": "the-hosters-token",
                ])
                _ = try await fixture.awaitCertificate(cloudflare)
                _ = try await fixture.awaitCertificate(dynamic)
                try await fixture.awaitAddress(of: cloudflare)
                try await fixture.awaitAddress(of: dynamic)
                try await eventually("the program's record") { Disk.text(zones)?.contains(program) == true }
                try await fixture.runOnce()
                #expect(try await fixture.challenges(of: dynamic).isEmpty)
                let mark = try await fixture.access.sandbox.lookUp("_landfall.\(dynamic)", "TXT")
                #expect(mark == ["\"landfall:\(fixture.token) A\""])

                await landfall.dismiss()
                let file = try #require(Disk.all(below: recordings).first)
                let replay = try await fixture.command("replay", file)
                #expect(replay.end == .exited(0), "\(replay.outputText.suffix(2000))")
                #expect(replay.outputText.contains("record      \(dynamic): changed: created A"))
                let secret = try #require(fixture.access.variables["RFC2136_KEY_SECRET"])
                let recording = try #require(Disk.text(file))
                #expect(recording.contains("update add \(dynamic) 300 A"))
                #expect(!recording.contains(secret) && !recording.contains("hosters-token"))
            }
        }

        @Test func `a zone that lexicon manages gets record and certificate, and replays`() async throws {
            try LexiconGeneration.old.require()
            try await SandboxFixture.use { fixture in
                let own = try #require(fixture.access.variables["RFC2136_SERVER"])
                let powerDNS = try PowerDNS(DelegatedZone.name, at: DelegatedZone.address(beside: own))
                try await powerDNS.run {
                    let host = "web-\(fixture.token).\(DelegatedZone.name)"
                    let recordings = "\(fixture.folder)/recordings"
                    let changes = powerDNS.variables.merging([
                        "LANDFALL_LEXICON": "powerdns:\(DelegatedZone.name)", "LEXICON_TTL": "5",
                    ]) { $1 }
                    try await fixture.createService("web", ["landfall.host": host])
                    let plan = try await fixture.command("plan", changes: changes)
                    #expect(plan.outputText.contains("powerdns (lexicon)"), "\(plan.outputText)")
                    #expect(try await fixture.addresses(of: host).isEmpty)
                    let check = try await fixture.command("check", changes: changes)
                    #expect(check.outputText.contains("lexicon can read the zones \(DelegatedZone.name)"))

                    let landfall = try await fixture.launch(changes.merging(["LANDFALL_RECORD": recordings]) { $1 })
                    _ = try await fixture.awaitCertificate(host)
                    try await fixture.awaitAddress(of: host)
                    try await fixture.runOnce()
                    try await eventually("no challenge") { try await fixture.challenges(of: host).isEmpty }
                    let mark = try await fixture.access.sandbox.lookUp("_landfall.\(host)", "TXT")
                    #expect(mark == ["\"landfall:\(fixture.token) A\""])
                    await landfall.dismiss()
                    let file = try #require(Disk.all(below: recordings).first)
                    let replay = try await fixture.command("replay", file)
                    #expect(replay.end == .exited(0), "\(replay.outputText.suffix(2000))")
                    #expect(replay.outputText.contains("record      \(host): changed: created A"))
                    #expect(try !#require(Disk.text(file)).contains(PowerDNS.key))
                }
            }
        }

        @Test func `a plan looks at every provider, and changes nothing`() async throws {
            try await SandboxFixture.use { fixture in
                let zones = "\(fixture.folder)/zones.json"
                try Disk.write(#"{"program.example.org": []}"#, to: zones)
                let hosts = ["web-\(fixture.token).\(Self.zone)", "web-\(fixture.token).program.example.org"]
                try await fixture.createService(
                    "web",
                    ["landfall.host": hosts.joined(separator: ","), "landfall.certificate": "none"]
                )
                let changes = ["ZONES_FILE": zones, "LANDFALL_EXEC_PROVIDER": Self.example]
                let plan = try await fixture.command("plan", changes: changes)
                for host in hosts { #expect(plan.outputText.contains("\(host)"), "\(plan.outputText)") }
                #expect(plan.outputText.contains("(json-zones.py zone program.example.org)"))
                #expect(try await fixture.addresses(of: hosts[0]).isEmpty)
                #expect(Disk.text(zones)?.contains("web-") == false)

                let check = try await fixture.command("check", changes: changes)
                #expect(check.outputText.contains("the key is accepted; zones \(Self.zone)"))
                #expect(check.outputText.contains("zones program.example.org"))
            }
        }

        private static let example =
            #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
            + "/deploy/examples/exec-provider/json-zones.py"
    }
}
