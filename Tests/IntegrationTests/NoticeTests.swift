import Emulators
import Processes
import Sandbox
import Testing

extension IntegrationTests {
    @Suite struct NoticeTests {
        @Test func `a program is told everything, the heartbeat of every run, and Slack in a thread`() async throws {
            try await Scene.play { scene in
                let host = scene.host("web")
                let program = "\(scene.folder)/notify"
                try Disk.write(
                    "#!/bin/sh\ncat >> \(scene.folder)/told; echo >> \(scene.folder)/told\n",
                    to: program,
                    mode: 0o755
                )
                let beat = try #require(scene.world.variables["SLACK_API_URL"]).replacing("/api", with: "/beat")
                let landfall = try await scene.start([
                    "LANDFALL_NOTIFY_COMMAND": program, "LANDFALL_HEARTBEAT_URL": beat, "SLACK_LEVEL": "info",
                ])
                try await scene.emulators.set(SlackSettings(gap: .seconds(1)))
                try await scene.createService("web", ["landfall.host": host])
                try await scene.awaitMessage(about: host)
                try await scene.emulators.add(Fault(.html(status: 503)), to: .cloudflare)
                #expect(try await scene.command("once").end == .exited(1))
                #expect(try await scene.messages(about: "✗").count == 1)
                try await scene.emulators.clearFaults(of: .cloudflare)
                try await scene.runOnce()
                #expect(try await scene.messages(about: "✓").count == 1)
                await landfall.dismiss()

                let slack = try await scene.emulators.slackMessages()
                #expect(slack.last?.text == "*Landfall stopped*")
                // The end of the problem is said where the problem was.
                let problem = slack.first { $0.text.contains("✗") }
                let recovery = slack.first { $0.text.contains("✓") }
                #expect(problem?.thread == nil && recovery?.thread == problem?.ts && recovery?.isBroadcast == true)
                #expect(try await scene.emulators.requests(of: .slack).allSatisfy { $0.status == 200 })
                let told = try #require(Disk.text("\(scene.folder)/told")).split(separator: "\n")
                #expect(told.count == slack.count && told.allSatisfy { $0.hasPrefix(#"{"events":["#) })
                let beats = try await scene.emulators.requests(of: .slack).map(\.path).filter { $0.hasPrefix("/beat") }
                #expect(beats.filter { $0 == "/beat/fail" }.count == 1)
                #expect(beats.filter { $0 == "/beat" }.count >= 3)
            }
        }
    }
}
