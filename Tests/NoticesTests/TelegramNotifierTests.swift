import Emulators
import FoundationEssentials
import Model
@testable import Notices
import Ports
import TestSupport
import Testing
import Transport

/// What Telegram gets and answers, against https://core.telegram.org/bots/api.
@Suite struct TelegramNotifierTests {
    private let servers: EmulatorServers
    private let transport = PatientTransport(CurlTransport(.init(userAgent: "landfall-tests")))

    init() throws {
        servers = try EmulatorServers(
            cloudflare: CloudflareEmulator(zones: [], credentials: []),
            slack: SlackEmulator(token: Secret("xoxb-secret"), channels: [])
        )
    }

    private func telegram(_ chat: String, token: String = "123:ABC", topic: Int? = nil) -> TelegramNotifier {
        let url = servers.urls.webhook.replacing("/hook", with: WebhookEmulator.telegramPath)
        return TelegramNotifier(.init(token: Secret(token), chat: chat, topic: topic, url: url), transport: transport)
    }

    private func deliver(_ lines: [String], to telegram: TelegramNotifier) async throws(NotifierError) {
        let message = Message(title: "Landfall: 1 change", lines: lines.map { .init(.news, $0) }, level: .info)
        try await telegram.deliver(Notice(id: "0123", time: Timestamp(seconds: 0), message: message))
    }

    @Test func `the text is plain, without mentions and previews`() async throws {
        try await deliver(["<b>@channel</b> *b*: a.test"], to: telegram("-1001", topic: 7))
        #expect(
            servers.webhook.bodies == [
                #"{"chat_id":"-1001","link_preview_options":{"is_disabled":true},"message_thread_id":7,"#
                    + #""text":"Landfall: 1 change\n• <b>@\#u{2060}channel</b> *b*: a.test"}"#
            ]
        )
        let request = try #require(servers.webhook.log.requests.first)
        #expect(request.path == "/telegram/bot123:ABC/sendMessage")
    }

    @Test func `a text that is too long ends after a whole line`() async throws {
        struct Post: Decodable { let text: String }
        try await deliver((1...11).map { "\($0)" + String(repeating: "@", count: 290) }, to: telegram("@ops"))
        let body = try #require(servers.webhook.bodies.first)
        let text = try JSONDecoder().decode(Post.self, from: Data(body.utf8)).text
        #expect(text.utf16.count <= 4096 && text.hasSuffix("@\u{2060}\n…"))
    }

    @Test func `a group that became a supergroup is followed`() async throws {
        try await deliver(["a"], to: telegram("-42"))
        #expect(servers.webhook.bodies.count == 1)
        #expect(servers.webhook.bodies.first?.contains(#""chat_id":-1001,"#) == true)
        let reason = "Bad Request: group chat was upgraded to a supergroup chat"
        let text = "Telegram refuses (\(reason)); set TELEGRAM_CHAT to -1001"
        #expect(await refusal(of: telegram("-42")) == .refused(text))
    }

    @Test(arguments: [
        (
            "-5", "123:ABC", "(Bad Request: chat not found)",
            "add the bot to the chat, and set TELEGRAM_CHAT to its number or @NAME"
        ),
        (
            "-6", "123:ABC", "(Forbidden: bot was kicked from the group chat)",
            "add the bot to the chat again, or set TELEGRAM_CHAT to another one"
        ),
        (
            "8", "123:ABC", "(Forbidden: bot was blocked by the user)",
            "unblock the bot there, or set TELEGRAM_CHAT to another chat"
        ),
        (
            "-2", "123:ABC", "(Bad Request: not enough rights to send text messages to the chat)",
            "let an administrator of the chat allow the bot to send messages"
        ),
        ("-1001", "123:other", "(Unauthorized)", "get a token from @BotFather, and set TELEGRAM_TOKEN"),
    ])
    func `a refusal is told in Telegram's words, with what helps`(
        chat: String,
        token: String,
        reason: String,
        cure: String
    ) async throws {
        await #expect(throws: NotifierError.refused("Telegram refuses \(reason); \(cure)")) {
            try await deliver(["a"], to: telegram(chat, token: token))
        }
        // A look finds it before the first notice.
        guard case .refused(let text) = await refusal(of: telegram(chat, token: token)) else {
            Issue.record("it was not refused")
            return
        }
        #expect(text.hasSuffix(cure))
    }

    private func refusal(of telegram: TelegramNotifier) async -> NotifierError? {
        do throws(NotifierError) {
            _ = try await telegram.verify()
            return nil
        } catch {
            return error
        }
    }

    @Test func `a pause that Telegram asks for is kept`() async throws {
        let limited =
            #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","#
            + #""parameters":{"retry_after":35}}"#
        let answer = Fault.Effect.answer(status: 429, type: "application/json", body: limited, location: nil)
        servers.webhook.faults.add(Fault(answer, times: 1))
        await #expect(throws: NotifierError.tooSoon(after: .seconds(35))) {
            try await deliver(["a"], to: telegram("-1001"))
        }
        servers.webhook.faults.add(Fault(.html(status: 502), times: 1))
        await #expect(throws: NotifierError.unavailable("the answer (502) is not Telegram's")) {
            try await deliver(["a"], to: telegram("-1001"))
        }
    }

    @Test func `a look at Telegram tells the bot and the chat`() async throws {
        let may = "nothing was posted, but the bot may write there"
        let unknown = "nothing was posted, so whether the chat takes messages is not known"
        for (chat, title, state) in [("-1001", "Operations", may), ("@ops", "Operations", may), ("7", "7", unknown)] {
            #expect(try await telegram(chat).verify() == "@landfall_bot, writing to \(title); \(state)")
        }
        let text = "Telegram refuses (the bot is not a member of the chat); "
        #expect(
            await refusal(of: telegram("@news"))
                == .refused(text + "add the bot to the chat, or set TELEGRAM_CHAT to another one")
        )
        #expect(servers.webhook.bodies.isEmpty)
    }
}
