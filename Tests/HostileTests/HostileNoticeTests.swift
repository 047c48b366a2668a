import Emulators
import FoundationEssentials
import HTTPServer
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

    @Test func `Telegram and a mail server say no: each other tells it, and check finds both before`() async throws {
        try await HostileFixture.use { fixture in
            let (webhook, mail) = (WebhookEmulator(), try MailEmulator())
            let server = try HTTPServer(
                listening: .tcp(address: "127.0.0.1", port: 0),
                bodyLimit: 1 << 20,
                handler: webhook.handler
            )
            defer { server.stop() }
            mail.answer("RCPT", with: "550 5.1.1 no such user")
            let variables = [
                "SLACK_TOKEN": "", "SLACK_CHANNEL": "", "SLACK_API_URL": "",
                "TELEGRAM_API_URL": "http://127.0.0.1:\(server.port)\(WebhookEmulator.telegramPath)",
                "TELEGRAM_TOKEN": "123:ABC", "TELEGRAM_CHAT": "8", "SMTP_HOST": "127.0.0.1:\(mail.port)",
                "SMTP_SECURITY": "off", "SMTP_FROM": "landfall@example.test", "SMTP_TO": "ops@example.test",
            ]
            let blocked = "Telegram refuses (Forbidden: bot was blocked by the user); unblock the bot there"
            let check = try await fixture.command("check", changes: variables)
            #expect(check.outputText.contains("✗ Telegram: \(blocked)"))
            #expect(check.outputText.contains("✓ mail: 127.0.0.1:\(mail.port) answers; for ops@example.test"))
            #expect(webhook.bodies.isEmpty && !mail.commands.contains("MAIL"))

            try await fixture.start(variables)
            let unknown = "127.0.0.1 answers: 550 5.1.1 no such user; see SMTP_FROM, SMTP_TO and the login"
            try await eventually("that both are told") {
                let status = try await fixture.status()
                return status.needsAttention.contains { $0.contains("telegram takes no notices: \(blocked)") }
                    && status.needsAttention.contains { $0.contains("mail takes no notices: \(unknown)") }
            }
            #expect(!fixture.log.contains("123:ABC"))
            mail.answer("RCPT", with: "250 2.1.5 OK")
            try await eventually("a mail that tells of Telegram", within: .seconds(90)) {
                mail.received.contains { mail in
                    Data(base64Encoded: mail.body).map { String(decoding: $0, as: UTF8.self).contains(blocked) } == true
                }
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
