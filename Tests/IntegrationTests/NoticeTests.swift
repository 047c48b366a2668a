import Emulators
import FoundationEssentials
import Ports
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct NoticeTests {
        @Test func `all who want to know are told, each in its way, and it replays`() async throws {
            try await SandboxFixture.use { fixture in
                let (host, folder) = (fixture.host("web"), fixture.folder)
                let script = "#!/bin/sh\ncat >> \(folder)/told; echo >> \(folder)/told\n"
                try Disk.write(script, to: "\(folder)/notify", mode: 0o755)
                let server = try #require(fixture.access.variables["SLACK_API_URL"]).replacing("/api", with: "")
                let mail = try MailEmulator()
                let landfall = try await fixture.start([
                    "SMTP_HOST": "127.0.0.1:\(mail.port)", "SMTP_SECURITY": "off",
                    "SMTP_FROM": "landfall@example.test", "SMTP_TO": "ops@example.test",
                    "LANDFALL_NOTIFY_COMMAND": "\(folder)/notify", "LANDFALL_HEARTBEAT_URL": "\(server)/beat",
                    "LANDFALL_WEBHOOK_URL": "\(server)/hook", "LANDFALL_RECORD": "\(folder)/recordings",
                ])
                try await fixture.emulators.set(SlackSettings(gap: .seconds(1)))
                let limited = Fault.Effect.error(status: 429, code: 0, message: "ratelimited", retryAfter: 2)
                try await fixture.emulators.add(Fault(limited, path: "postMessage", times: 1), to: .slack)
                try await fixture.createService("web", ["landfall.host": host])
                try await fixture.awaitMessage(about: host)
                try await fixture.emulators.add(Fault(.html(status: 503)), to: .cloudflare)
                #expect(try await fixture.command("once").end == .exited(1))
                #expect(try await fixture.messages(about: "✗").count == 1)
                try await fixture.emulators.clearFaults(of: .cloudflare)
                try await fixture.runOnce()
                #expect(try await fixture.messages(about: "✓").count == 1)
                await landfall.dismiss()

                try await fixture.expectMessagesInOrder()
                let requests = try await fixture.emulators.requests(of: .slack)
                #expect(requests.filter { $0.status == 429 }.count == 1)
                let told = try #require(Disk.text("\(folder)/told")).split(separator: "\n")
                #expect(try await told.count == fixture.emulators.slackMessages().count)
                #expect(requests.filter { $0.path == "/hook" }.count == told.count)
                #expect(mail.received.count == told.count)
                #expect(told.allSatisfy { $0.hasPrefix(#"{"events":["#) })
                #expect(requests.filter { $0.path == "/beat/fail" }.count == 1)
                #expect(requests.filter { $0.path == "/beat" }.count >= 3)
                try await fixture.expectFaithfulReplay()
            }
        }
    }
}

extension SandboxFixture {
    /// The problem, its end and the daemon's stop are announced in this order.
    fileprivate func expectMessagesInOrder() async throws {
        let messages = try await emulators.slackMessages()
        let problem = try #require(messages.firstIndex { $0.text.contains("✗") })
        let recovery = try #require(messages.firstIndex { $0.text.contains("✓") })
        #expect(problem < recovery)
        #expect(messages.last?.text == "*Landfall stopped*")
    }

    fileprivate func expectFaithfulReplay() async throws {
        struct Document: Decodable {
            struct Session: Decodable {
                let decisionsAreThoseRecorded: Bool
                let strayed: [String]
            }

            let sessions: [Session]
        }
        let file = try #require(Disk.names(in: "\(folder)/recordings").first)
        let result = try await command("replay", "--json", "\(folder)/recordings/\(file)")
        let session = try #require(JSONDecoder().decode(Document.self, from: Data(result.output)).sessions.first)
        #expect(session.decisionsAreThoseRecorded)
        #expect(session.strayed == [])
    }
}
