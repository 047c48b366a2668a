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
        #expect(await error(of: wrong) == .refused("the webhook answers 404 no_service"))
        // What stands in for Slack may say it otherwise.
        fail(.html(status: 202), servers.slack)
        #expect(await error(of: notifier) == nil)
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

    @Test func `a check says whose token it is, and writes nothing`() async throws {
        #expect(try await bot().verify() == "landfall of Emulated, writing to #ops")
        await #expect(throws: NotifierError.refused("Slack refuses: the token is not valid (invalid_auth)")) {
            try await bot(token: "wrong").verify()
        }
        #expect(servers.slack.messages.isEmpty)
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
