import FoundationEssentials
import Pipeline
import Ports
import Report
import TestSupport
import Testing

extension IntegrationTests {
    /// Records that nobody asks for any more.
    @Suite struct DeletionTests {
        @Test func `under sync a record goes with its service, after the grace, and others stay`() async throws {
            try await SandboxFixture.use { fixture in
                let (stays, goes) = (fixture.host("stays"), fixture.host("goes"))
                try await fixture.start(fixture.deleting)
                try await fixture.createService("stays", ["landfall.host": stays])
                let service = try await fixture.createService("goes", ["landfall.host": goes])
                try await fixture.awaitAddress(of: goes)
                try await fixture.removeService(service)
                try await eventually("the end of the record") { try await fixture.record(goes) == nil }
                #expect(try await fixture.record(stays) != nil)
                try await fixture.awaitMessage(about: "\(goes): deleted A")
            }
        }

        @Test func `a whole stack that is gone waits for a person, who is asked once`() async throws {
            try await SandboxFixture.use { fixture in
                let hosts = ["a", "b", "c"].map { fixture.host($0) }
                try await fixture.start(fixture.deleting)
                try await fixture.createService("stays", ["landfall.host": fixture.host("stays")])
                let stack = try await fixture.createService("stack", ["landfall.host": hosts.joined(separator: ",")])
                for host in hosts { try await fixture.awaitAddress(of: host) }
                try await fixture.removeService(stack)
                let message = try await fixture.awaitMessage(about: "--confirm-deletes")
                let code = try #require(message.firstMatch(of: /--confirm-deletes ([0-9a-f]{8})/)?.1)
                let wrong = try await fixture.command(
                    "once",
                    "--confirm-deletes",
                    "00000000",
                    changes: fixture.deleting
                )
                #expect(wrong.end == .exited(1) && wrong.errorText.contains("confirms nothing"))
                #expect(try await fixture.record(hosts[0]) != nil)
                let right = try await fixture.command(
                    "once",
                    "--confirm-deletes",
                    String(code),
                    changes: fixture.deleting
                )
                #expect(right.end == .exited(0))
                for host in hosts { #expect(try await fixture.record(host) == nil) }
                #expect(try await fixture.messages(about: "--confirm-deletes").count == 1)
            }
        }

        @Test func `under upsert a record outlives its service`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                let service = try await fixture.createService("web", ["landfall.host": host])
                let upsert = ["LANDFALL_CERTIFICATES": "off"]
                try await fixture.command("once", changes: upsert)
                try await fixture.removeService(service)
                for _ in 0..<4 { try await fixture.command("once", changes: upsert) }
                #expect(try await fixture.record(host) != nil)
            }
        }
    }

    @Suite struct ExplainTests {
        @Test func `the daemon explains, to who sees no engine himself`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                let service = try await fixture.createService("web", ["landfall.host": host])
                try await fixture.start(["LANDFALL_CERTIFICATES": "off"])
                let away = ["DOCKER_HOST": "unix:///nowhere/docker.sock", "LANDFALL_CERTIFICATES": "off"]
                let text = try await fixture.command("explain", host, changes: away)
                #expect(text.end == .exited(0))
                let parts = [service, "landfall.host", "example.test at Cloudflare", "A 85.214.132.117", "by this"]
                for part in parts {
                    #expect(text.outputText.contains(part), "\(part)")
                }
                let json = try await fixture.command("explain", host, "--json", changes: away)
                let explanation = try JSONDecoder().decode(Explanation.self, from: Data(json.output))
                #expect(explanation.records.map(\.action) == [.keep])
            }
        }

        @Test func `without a daemon it looks by itself, and changes nothing`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                let good = try await fixture.command("explain", host)
                #expect(good.end == .exited(0) && good.outputText.contains("the next run changes it"))
                let nobody = try await fixture.command("explain", "wob-\(fixture.token)")
                #expect(nobody.end == .exited(0) && nobody.outputText.contains("did you mean  \(host)"))
                let blind = try await fixture.command("explain", host, changes: ["DOCKER_HOST": "unix:///nowhere.sock"])
                #expect(blind.end == .exited(1))
                #expect(try await fixture.command("explain", "no name").end == .exited(2))
                #expect(try await fixture.command("explain").end == .exited(2))
                #expect(try await fixture.writes().isEmpty && !Disk.exists(fixture.state))
            }
        }
    }
}

extension SandboxFixture {
    /// A daemon that may delete, soon, what no other test has made.
    fileprivate var deleting: [String: String] {
        [
            "LANDFALL_DNS_POLICY": "sync", "LANDFALL_INSTANCE": "i\(token)", "LANDFALL_DNS_GRACE": "2s",
            "LANDFALL_INTERVAL": "1s", "LANDFALL_CERTIFICATES": "off",
        ]
    }
}
