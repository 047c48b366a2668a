import FoundationEssentials
import Sandbox
import Testing

extension IntegrationTests {
    @Suite struct LogFieldTests {
        @Test func `the index knows every field of a run's lines`() async throws {
            try await SandboxFixture.use { fixture in
                let template = try #require(Disk.bytes("\(Checkout.top)/deploy/examples/efk/index-template.json"))
                let known = try JSONDecoder().decode(IndexTemplate.self, from: Data(template)).fields
                let host = fixture.host("web")
                try await fixture.start()
                try await fixture.createService("web", ["landfall.host": "\(host), no_name_"])
                _ = try await fixture.awaitCertificate(host)
                try await fixture.awaitMessage(about: host)
                let lines = try #require(Disk.text(fixture.log)).split(separator: "\n")
                let objects = try lines.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
                #expect(objects.contains { $0["message"] == "run ended" })
                for object in objects { #expect(known.isSuperset(of: object.keys)) }
            }
        }
    }
}
