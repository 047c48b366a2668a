import Emulators
import Log
import Model
@testable import Notices
import Ports
import TestSupport
import Testing
import Transport

@Suite struct SlackNotifierTests {
    private let servers: EmulatorServers
    private let transport = PatientTransport(CurlTransport(.init(userAgent: "landfall-tests")))
    private let clock = TestClock()
    private let notice: Notice

    init() throws {
        servers = try EmulatorServers(
            cloudflare: CloudflareEmulator(zones: [], credentials: []),
            slack: SlackEmulator(token: Secret("xoxb-secret"), channels: ["#ops"], clock: clock)
        )
        let message = Message(
            title: "Landfall: 1 problem, 1 change",
            lines: [.init(.problem, "<!channel> & <https://evil.test|a>"), .init(.news, "b → 1.2.3.4")],
            level: .warning,
            hosts: [try DomainName("b.example.test"), try DomainName("a.example.test")]
        )
        notice = Notice(id: "0123", time: Timestamp(seconds: 0), message: message)
    }

    private func bot(token: String = "xoxb-secret", channel: String = "#ops", icon: String = ":anchor:")
        -> SlackNotifier
    {
        SlackNotifier(
            .bot(token: Secret(token), channel: channel, name: "Landfall", icon: icon, url: servers.urls.slack),
            transport: transport
        )
    }

    private func fail(_ effect: Fault.Effect, _ emulator: any Emulator, times: Int? = 1) {
        emulator.faults.add(Fault(effect, times: times))
    }

    private func error(of notifier: some Notifier) async -> NotifierError? {
        do throws(NotifierError) {
            try await notifier.deliver(notice)
            return nil
        } catch {
            return error
        }
    }

    @Test func `Slack gets one message under the bot's name, in which nothing is a link or a mention`() async throws {
        try await bot().deliver(notice)
        let posted = try #require(servers.slack.messages.first)
        #expect(
            posted.text == """
                *Landfall: 1 problem, 1 change*
                ✗ &lt;!channel&gt; &amp; &lt;https://evil.test|a&gt;
                • b → 1.2.3.4
                """
        )
        #expect((posted.channel, posted.username, posted.iconEmoji) == ("#ops", "Landfall", ":anchor:"))
        #expect(posted.iconURL == nil)
        let body = servers.slack.log.requests.first?.body ?? ""
        #expect(body.contains(#""parse":"none""#) && body.contains(#""link_names":false"#))
    }

    @Test func `an icon may be a picture`() async throws {
        try await bot(icon: "https://example.test/i.png").deliver(notice)
        #expect(servers.slack.messages.map(\.iconURL) == ["https://example.test/i.png"])
        #expect(servers.slack.messages.map(\.iconEmoji) == [nil])
    }

    @Test func `Slack's incoming webhook works as well`() async throws {
        let notifier = SlackNotifier(.webhook(Secret(servers.urls.slackWebhook)), transport: transport)
        try await notifier.deliver(notice)
        #expect(servers.slack.messages.map(\.channel) == [nil])
        let wrong = SlackNotifier(.webhook(Secret(servers.urls.slackWebhook + "x")), transport: transport)
        #expect(await error(of: wrong) == .refused("the webhook answers 404 no_service; \(Self.newWebhook)"))
        // What stands in for Slack may say it otherwise.
        fail(.html(status: 202), servers.slack)
        #expect(await error(of: notifier) == nil)
    }

    private static let newWebhook = "make one for a channel that is not archived, and set SLACK_WEBHOOK_URL"

    @Test func `what Slack refuses is said in words, without the token, and with what to do`() async throws {
        for (code, words) in [
            ("is_archived", "the channel is archived (is_archived); unarchive it, or set SLACK_CHANNEL"),
            ("not_in_channel", "the bot is not a member of the channel (not_in_channel); invite it there"),
            ("token_revoked", "the token was revoked (token_revoked); make a bot token with chat:write"),
            ("a_new_code", "Slack refuses (a_new_code); https://docs.slack.dev/"),
        ] {
            fail(.error(status: 200, code: 0, message: code), servers.slack)
            guard case .refused(let text) = await error(of: bot()) else {
                Issue.record("\(code) is no refusal")
                continue
            }
            #expect(text.contains(words))
        }
        guard case .refused(let text) = await error(of: bot(token: "wrong")) else {
            Issue.record("a wrong token is no refusal")
            return
        }
        #expect(text.hasPrefix("Slack refuses: the token is not valid (invalid_auth); make a bot token"))
        guard case .refused(let other) = await error(of: bot(channel: "#other")) else {
            Issue.record("a wrong channel is no refusal")
            return
        }
        #expect(other.contains("there is no such channel, or the bot cannot see it (channel_not_found); invite"))
        for code in ["fatal_error", "internal_error", "service_unavailable"] {
            fail(.error(status: 200, code: 0, message: code), servers.slack)
            #expect(await error(of: bot()) == .unavailable("Slack reports an internal error (\(code))"))
        }
        #expect(servers.slack.messages.isEmpty)
    }

    @Test func `a webhook's 200 that says no is no delivery`() async throws {
        let notifier = SlackNotifier(.webhook(Secret(servers.urls.slackWebhook)), transport: transport)
        fail(.error(status: 200, code: 0, message: "is_archived"), servers.slack)
        guard case .refused(let text) = await error(of: notifier) else {
            Issue.record("it counts as delivered")
            return
        }
        #expect(text.contains("the channel is archived"))
        fail(.error(status: 503, code: 0, message: "busy"), servers.slack)
        guard case .unavailable = await error(of: notifier) else {
            Issue.record("an outage is a refusal")
            return
        }
    }

    @Test func `HTML, a server's error and a pause that Slack wants are different errors`() async throws {
        fail(.html(status: 503), servers.slack)
        #expect(await error(of: bot()) == .unavailable("the answer (503) is not Slack's"))
        fail(.captivePortal, servers.slack)
        #expect(await error(of: bot()) == .unavailable("the answer (200) is not Slack's"))
        fail(.error(status: 429, code: 0, message: "ratelimited"), servers.slack)
        #expect(await error(of: bot()) == .tooSoon(after: .seconds(1)))
        servers.stop()
        guard case .unavailable = await error(of: bot()) else {
            Issue.record("a closed port took a message")
            return
        }
    }

    @Test func `programs find the notice's name in the metadata`() async throws {
        try await bot().deliver(notice)
        #expect(servers.slack.messages.map(\.metadata?.payload) == [["id": "0123"]])
    }

    @Test func `a bot of no app is heard without metadata`() async throws {
        fail(.error(status: 200, code: 0, message: "metadata_must_be_sent_from_app"), servers.slack)
        try await bot().deliver(notice)
        #expect(servers.slack.messages.map(\.metadata) == [nil])
    }

    @Test func `a check says whose token it is, and that it writes nothing`() async throws {
        #expect(
            try await bot().verify() == "landfall of Emulated, writing to #ops; nothing was posted, so whether the "
                + "channel takes messages is not known"
        )
        await #expect(throws: NotifierError.self) { try await bot(token: "wrong").verify() }
        #expect(servers.slack.messages.isEmpty)
    }

    @Test func `a check finds a channel that is archived, or that the bot is not in, where Slack tells of it`()
        async throws
    {
        #expect(try await bot(channel: "C024BE91L").verify()?.contains("is not known") == true)
        for (fact, code) in [(#""is_archived":true"#, "is_archived"), (#""is_member":false"#, "not_in_channel")] {
            let answer = #"{"ok":true,"channel":{"id":"C024BE91L",\#(fact)}}"#
            let effect = Fault.Effect.answer(status: 200, type: "application/json", body: answer, location: nil)
            servers.slack.faults.add(Fault(effect, path: "conversations.info", times: 1))
            await #expect { try await bot(channel: "C024BE91L").verify() } throws: { "\($0)".contains(code) }
        }
    }

    @Test func `the log gets a line for each line`() async throws {
        let lines = AsyncCollector<String>()
        let log = Logger(level: .info, format: .text, now: { Timestamp(seconds: 0) }, write: { lines.add($0) })
        LogNotifier(log).receive(notice.message)
        #expect(
            lines.all.map { String($0.dropFirst(13)) } == [
                "WARNING notice  notice=Landfall: 1 problem, 1 change",
                "WARNING notice  notice=<!channel> & <https://evil.test|a>", "INFO    notice  notice=b → 1.2.3.4",
            ]
        )
    }
}
