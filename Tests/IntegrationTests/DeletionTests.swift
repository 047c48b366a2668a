import FoundationEssentials
import Pipeline
import Ports
import Report
import Testing

extension IntegrationTests {
    /// Records that nobody asks for any more.
    @Suite struct DeletionTests {
        @Test func `under sync a record goes with its service, after the grace, and others stay`() async throws {
            try await SandboxFixture.play { scene in
                let (stays, goes) = (scene.host("stays"), scene.host("goes"))
                try await scene.start(scene.deleting)
                try await scene.createService("stays", ["landfall.host": stays])
                let service = try await scene.createService("goes", ["landfall.host": goes])
                try await scene.awaitAddress(of: goes)
                try await scene.removeService(service)
                try await until("the end of the record") { try await scene.record(goes) == nil }
                #expect(try await scene.record(stays) != nil)
                try await scene.awaitMessage(about: "\(goes): deleted A")
            }
        }

        @Test func `a whole stack that is gone waits for a person, who is asked once`() async throws {
            try await SandboxFixture.play { scene in
                let hosts = ["a", "b", "c"].map { scene.host($0) }
                try await scene.start(scene.deleting)
                try await scene.createService("stays", ["landfall.host": scene.host("stays")])
                let stack = try await scene.createService("stack", ["landfall.host": hosts.joined(separator: ",")])
                for host in hosts { try await scene.awaitAddress(of: host) }
                try await scene.removeService(stack)
                let message = try await scene.awaitMessage(about: "--confirm-deletes")
                let code = try #require(message.firstMatch(of: /--confirm-deletes ([0-9a-f]{8})/)?.1)
                let wrong = try await scene.command("once", "--confirm-deletes", "00000000", changes: scene.deleting)
                #expect(wrong.end == .exited(1) && wrong.errorText.contains("confirms nothing"))
                #expect(try await scene.record(hosts[0]) != nil)
                let right = try await scene.command("once", "--confirm-deletes", String(code), changes: scene.deleting)
                #expect(right.end == .exited(0))
                for host in hosts { #expect(try await scene.record(host) == nil) }
                #expect(try await scene.messages(about: "--confirm-deletes").count == 1)
            }
        }

        @Test func `under upsert a record outlives its service`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                let service = try await scene.createService("web", ["landfall.host": host])
                let upsert = ["LANDFALL_CERTIFICATES": "off"]
                try await scene.command("once", changes: upsert)
                try await scene.removeService(service)
                for _ in 0..<4 { try await scene.command("once", changes: upsert) }
                #expect(try await scene.record(host) != nil)
            }
        }
    }

    @Suite struct ExplainTests {
        @Test func `the daemon explains, to who sees no engine himself`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                let service = try await scene.createService("web", ["landfall.host": host])
                try await scene.start(["LANDFALL_CERTIFICATES": "off"])
                let away = ["DOCKER_HOST": "unix:///nowhere/docker.sock", "LANDFALL_CERTIFICATES": "off"]
                let text = try await scene.command("explain", host, changes: away)
                #expect(text.end == .exited(0))
                let parts = [service, "landfall.host", "example.test at Cloudflare", "A 85.214.132.117", "by this"]
                for part in parts {
                    #expect(text.outputText.contains(part), "\(part)")
                }
                let json = try await scene.command("explain", host, "--json", changes: away)
                let explanation = try JSONDecoder().decode(Explanation.self, from: Data(json.output))
                #expect(explanation.records.map(\.action) == [.keep])
            }
        }

        @Test func `without a daemon it looks by itself, and changes nothing`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                let good = try await scene.command("explain", host)
                #expect(good.end == .exited(0) && good.outputText.contains("the next run changes it"))
                let nobody = try await scene.command("explain", "wob-\(scene.token)")
                #expect(nobody.end == .exited(0) && nobody.outputText.contains("did you mean  \(host)"))
                let blind = try await scene.command("explain", host, changes: ["DOCKER_HOST": "unix:///nowhere.sock"])
                #expect(blind.end == .exited(1))
                #expect(try await scene.command("explain", "no name").end == .exited(2))
                #expect(try await scene.command("explain").end == .exited(2))
                #expect(try await scene.writes().isEmpty && !Disk.exists(scene.state))
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
