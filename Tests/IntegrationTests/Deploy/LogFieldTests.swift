import Log
import Model
import Sandbox
import Testing

extension IntegrationTests {
    @Suite struct LogFieldTests {
        /// LogTests compares the fields with the index template; this looks at the lines of a real run.
        @Test func `a run's lines have known fields only, with values of their types`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.start()
                try await fixture.createService("web", ["landfall.host": "\(host), no_name_"])
                _ = try await fixture.awaitCertificate(host)
                try await fixture.awaitMessage(about: host)
                let lines = try #require(Disk.text(fixture.log)).split(separator: "\n").map { try LogLine($0) }
                #expect(lines.contains { $0.message == "run ended" })
                for line in lines {
                    for (name, value) in line.fields {
                        let field = try #require(LogField(rawValue: name))
                        switch field.kind {
                        case .integer, .duration: #expect(value.integer != nil, "\(name)")
                        case .boolean: #expect(value == .bool(true) || value == .bool(false), "\(name)")
                        case .keyword, .text, .date: #expect(value.text != nil || value.items != nil, "\(name)")
                        }
                    }
                }
            }
        }
    }
}
