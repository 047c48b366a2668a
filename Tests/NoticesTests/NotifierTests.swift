import Emulators
import FoundationEssentials
import Log
import Model
import Notices
import State
import TestSupport
import Testing
import Transport

@Suite struct NotifierTests {
    private let servers: EmulatorServers
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))
    private let clock = TestClock()
    private let message: Message

    init() throws {
        servers = try EmulatorServers(
            cloudflare: CloudflareEmulator(zones: [], credentials: []),
            slack: SlackEmulator(token: Secret("xoxb-secret"), channels: ["#ops"], clock: clock)
        )
        message = Message(
            title: "Landfall: 1 problem, 1 change",
            lines: [.init(.problem, "<!channel> & <https://evil.test|a>"), .init(.news, "b → 1.2.3.4")],
            level: .warning,
            hosts: [try DomainName("b.example.test"), try DomainName("a.example.test")]
        )
    }

    private func bot(token: String = "xoxb-secret", channel: String = "#ops", icon: String = ":anchor:")
        -> SlackNotifier
    {
        SlackNotifier(
            .bot(token: Secret(token), channel: channel, name: "Landfall", icon: icon, url: servers.urls.slack),
            transport: transport
        )
    }

    private var webhook: WebhookNotifier { WebhookNotifier(url: Secret(servers.urls.webhook), transport: transport) }

    private func fail(_ effect: Fault.Effect, _ emulator: any Emulator, times: Int? = 1) {
        emulator.faults.add(Fault(effect, times: times))
    }

    private func error(of notifier: some Notifier) async -> NotifierError? {
        do throws(NotifierError) {
            try await notifier.deliver(message)
            return nil
        } catch {
            return error
        }
    }

    @Test func `Slack gets one message under the bot's name, in which nothing is a link or a mention`() async throws {
        try await bot().deliver(message)
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
        try await bot(icon: "https://example.test/i.png").deliver(message)
        #expect(servers.slack.messages.map(\.iconURL) == ["https://example.test/i.png"])
        #expect(servers.slack.messages.map(\.iconEmoji) == [nil])
    }

    @Test func `Slack's incoming webhook works as well`() async throws {
        let notifier = SlackNotifier(.webhook(Secret(servers.urls.slackWebhook)), transport: transport)
        try await notifier.deliver(message)
        #expect(servers.slack.messages.map(\.channel) == [nil])
        let wrong = SlackNotifier(.webhook(Secret(servers.urls.slackWebhook + "x")), transport: transport)
        #expect(await error(of: wrong) == .refused("the webhook answers 404 no_service"))
        fail(.html(status: 200), servers.slack)
        guard case .refused = await error(of: notifier) else {
            Issue.record("HTML was taken for Slack's word")
            return
        }
    }

    @Test func `what Slack refuses is said in words, without the token`() async throws {
        #expect(
            await error(of: bot(token: "wrong")) == .refused("Slack refuses: the token is not valid (invalid_auth)")
        )
        #expect(
            await error(of: bot(channel: "#other"))
                == .refused("Slack refuses: there is no such channel, or the bot cannot see it (channel_not_found)")
        )
        fail(.error(status: 200, code: 0, message: "fatal_error"), servers.slack)
        #expect(await error(of: bot()) == .refused("Slack refuses: fatal_error"))
        #expect(servers.slack.messages.isEmpty)
    }

    @Test func `HTML, a server's error and a pause that Slack wants are told apart`() async throws {
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

    @Test func `a webhook gets plain JSON`() async throws {
        struct Body: Decodable, Equatable {
            let title: String
            let message: String
            let level: String
            let hosts: [String]
        }
        try await webhook.deliver(message)
        let body = try #require(servers.webhook.bodies.first)
        #expect(
            try JSONDecoder().decode(Body.self, from: Data(body.utf8))
                == Body(
                    title: "Landfall: 1 problem, 1 change",
                    message: "✗ <!channel> & <https://evil.test|a>\n• b → 1.2.3.4",
                    level: "warning",
                    hosts: ["a.example.test", "b.example.test"]
                )
        )
        fail(.error(status: 404, code: 0, message: "x"), servers.webhook)
        #expect(await error(of: webhook) == .refused("the webhook answers 404"))
        fail(.html(status: 502), servers.webhook)
        #expect(await error(of: webhook) == .unavailable("the webhook answers 502"))
    }

    @Test func `the log gets a line for each line`() async throws {
        let lines = Gathering<String>()
        let log = Logger(level: .info, format: .text, now: { Timestamp(seconds: 0) }, write: { lines.add($0) })
        try await LogNotifier(log).deliver(message)
        #expect(
            lines.all.map { String($0.dropFirst(13)) } == [
                "WARNING notice  notice=Landfall: 1 problem, 1 change",
                "WARNING notice  notice=<!channel> & <https://evil.test|a>", "INFO    notice  notice=b → 1.2.3.4",
            ]
        )
    }

    @Test func `one that hangs delays no other, and is given up in time`() async throws {
        let stage = NoticeStage(
            notifiers: [bot(), webhook],
            state: try StateStore.inMemory(),
            clock: clock,
            log: .silent
        )
        fail(.hang, servers.slack)
        async let results = stage.deliver([])
        await servers.webhook.log.wait { $0.map(\.status) == [200] }
        await servers.slack.log.wait { $0.count == 1 }
        clock.advance(by: .seconds(20))
        #expect(await results.first == NoticeResult(notifier: "slack", outcome: .failed("no answer within 20 s")))
        #expect(servers.webhook.bodies.count == 1)
        #expect(await stage.deliver([]).first?.outcome == .changed("Landfall watches 0 hosts"))
    }

    @Test func `a short pause that Slack asks for is kept, a long one is left to the next run`() async throws {
        let stage = NoticeStage(notifiers: [bot()], state: try StateStore.inMemory(), clock: clock, log: .silent)
        fail(.error(status: 429, code: 0, message: "ratelimited"), servers.slack)
        async let results = stage.deliver([])
        // The stage's own limit is the other sleeper.
        await clock.sleepers(2)
        clock.advance(by: .seconds(1))
        #expect(await results.map(\.outcome) == [.changed("Landfall watches 0 hosts")])
        #expect(servers.slack.messages.count == 1)

        servers.slack.settings.gap = .seconds(60)
        let standing = Standing(key: "a", value: "b", line: "c")
        #expect(await stage.deliver([standing]).map(\.outcome) == [.failed("it wants a pause of 60 s")])
        servers.slack.settings.gap = .zero
        #expect(await stage.deliver([standing]).map(\.outcome) == [.changed("Landfall: 1 change")])
    }
}
