import Ports
import Sandbox
import Testing

extension IntegrationTests {
    /// Zones that are not at the emulated Cloudflare.
    @Suite struct ProviderTests {
        private static let zone = "dynamic.test"

        @Test func `three providers at once, each with record and certificate, and replayed`() async throws {
            try await SandboxFixture.play { scene in
                let zones = "\(scene.folder)/zones.json"
                try Disk.write(#"{"program.example.org": []}"#, to: zones)
                let (cloudflare, dynamic) = (scene.host("web"), "web-\(scene.token).\(Self.zone)")
                let program = "web-\(scene.token).program.example.org"
                let recordings = "\(scene.folder)/recordings"
                try await scene.createService("web", ["landfall.host": "\(cloudflare),\(dynamic)"])
                // Nobody asks such a zone's name servers, so no authority can look there.
                try await scene.createService("program", ["landfall.host": program, "landfall.certificate": "none"])
                let landfall = try await scene.launch([
                    "LANDFALL_RECORD": recordings, "ZONES_FILE": zones,
                    "LANDFALL_EXEC_PROVIDER": Self.example, "HOSTER_TOKEN": "the-hosters-token",
                ])
                _ = try await scene.awaitCertificate(cloudflare)
                _ = try await scene.awaitCertificate(dynamic)
                try await scene.awaitAddress(of: cloudflare)
                try await scene.awaitAddress(of: dynamic)
                try await until("the program's record") { Disk.text(zones)?.contains(program) == true }
                try await scene.runOnce()
                #expect(try await scene.challenges(of: dynamic).isEmpty)
                let mark = try await scene.world.sandbox.lookUp("_landfall.\(dynamic)", "TXT")
                #expect(mark == ["\"landfall:\(scene.token) A\""])

                await landfall.dismiss()
                let file = try #require(Disk.all(below: recordings).first)
                let replay = try await scene.command("replay", file)
                #expect(replay.end == .exited(0), "\(replay.outputText.suffix(2000))")
                #expect(replay.outputText.contains("record      \(dynamic): changed: created A"))
                let secret = try #require(scene.world.variables["RFC2136_KEY_SECRET"])
                let recording = try #require(Disk.text(file))
                #expect(recording.contains("update add \(dynamic) 300 A"))
                #expect(!recording.contains(secret) && !recording.contains("hosters-token"))
            }
        }

        @Test func `a plan looks at every provider, and changes nothing`() async throws {
            try await SandboxFixture.play { scene in
                let zones = "\(scene.folder)/zones.json"
                try Disk.write(#"{"program.example.org": []}"#, to: zones)
                let hosts = ["web-\(scene.token).\(Self.zone)", "web-\(scene.token).program.example.org"]
                try await scene.createService(
                    "web",
                    ["landfall.host": hosts.joined(separator: ","), "landfall.certificate": "none"]
                )
                let changes = ["ZONES_FILE": zones, "LANDFALL_EXEC_PROVIDER": Self.example]
                let plan = try await scene.command("plan", changes: changes)
                for host in hosts { #expect(plan.outputText.contains("\(host)"), "\(plan.outputText)") }
                #expect(plan.outputText.contains("(json-zones.py zone program.example.org)"))
                #expect(try await scene.addresses(of: hosts[0]).isEmpty)
                #expect(Disk.text(zones)?.contains("web-") == false)

                let check = try await scene.command("check", changes: changes)
                #expect(check.outputText.contains("the key is accepted; zones \(Self.zone)"))
                #expect(check.outputText.contains("zones program.example.org"))
            }
        }

        private static let example =
            #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
            + "/deploy/examples/exec-provider/json-zones.py"
    }
}
