import Emulators
import Model
import Ports
import Status
import TestSupport
import Testing

/// Notifiers that say no.
@Suite(.limited(minutes: 5)) struct HostileNoticeTests {
    @Test
    func `Slack says no with 200: the log, the page, the metrics and the other notifier tell, until it is mended`()
        async throws
    {
        try await HostileFixture.use { fixture in
            try await fixture.writeProgram("#!/bin/sh\ncat >>\"$OUT\"; echo >>\"$OUT\"\n", to: "tell")
            fixture.slack.faults.add(Fault(.error(status: 200, code: 0, message: "is_archived"), path: "postMessage"))
            try await fixture.start([
                "LANDFALL_NOTIFY_COMMAND": "\(fixture.path)/tell", "OUT": "\(fixture.path)/told",
            ])
            let words = "the channel is archived (is_archived); unarchive it, or set SLACK_CHANNEL"
            try await eventually("that the program tells it") { fixture.text("told")?.contains(words) == true }
            #expect(
                fixture.log.split(separator: "\n").contains {
                    $0.contains(#""log.level":"error""#) && $0.contains(words)
                }
            )
            let status = try await fixture.status()
            #expect(status.hasFailures && status.needsAttention.contains { $0.contains("slack takes no notices") })
            let command = try await fixture.command("status")
            #expect(command.end == .exited(1) && command.outputText.contains(words))
            #expect(
                String(decoding: try await fixture.askPage("/metrics").body, as: UTF8.self)
                    .contains(#"landfall_notifier_failing{notifier="slack"} 1"#)
            )
            fixture.slack.faults.clear()
            try await eventually("the messages", within: .seconds(90)) { !fixture.slack.messages.isEmpty }
            try await eventually("that it is over") {
                try await fixture.status().silentNotifiers.isEmpty
                    && fixture.text("told")?.contains("slack takes notices again") == true
            }
        }
    }

    @Test func `check reaches the notifiers without posting, and says so`() async throws {
        try await HostileFixture.use { fixture in
            let check = try await fixture.command(
                "check",
                changes: [
                    "LANDFALL_WEBHOOK_URL": "http://127.0.0.1:9/secret",
                    "LANDFALL_HEARTBEAT_URL": "\(fixture.cloudflareURL)/beat",
                    "LANDFALL_NOTIFY_COMMAND": "/nonexistent/tell", "LANDFALL_PROBE": "127.0.0.1:9",
                ]
            )
            let text = check.outputText
            #expect(text.contains("✓ Slack: landfall of Emulated, writing to #ops; nothing was posted"))
            #expect(text.contains("✗ webhook: http://127.0.0.1:9 cannot be reached"))
            #expect(text.contains("- heartbeat: http://127.0.0.1:"))
            #expect(text.contains("✗ notify command: /nonexistent/tell cannot be run"))
            #expect(text.contains("✗ probe: 127.0.0.1:9 does not answer"))
            #expect(!text.contains("secret"))
            #expect(fixture.slack.messages.isEmpty)
        }
    }
}
