import Model
@testable import Notices
import Ports
import TestSupport
import Testing

/// What services for notices answer.
extension FuzzTests {
    private static let notice = Notice(
        id: "0123",
        time: Timestamp(seconds: 1_795_485_783),
        message: Message(title: "Landfall", lines: [.init(.news, "www.example.test: created")], level: .info)
    )

    /// Returns whether it was delivered; the error must be one short line.
    private static func isDelivered(_ deliver: () async throws -> Void) async throws -> Bool {
        do {
            try await deliver()
            return true
        } catch let error as NotifierError {
            try requireLine(error.description, limit: 1000, "the error")
            if case .tooSoon(let pause) = error {
                try require((.seconds(1)...(.seconds(86_400))).contains(pause), "a pause of \(pause)")
            }
            return false
        }
    }

    /// A service that answers with the input, some status and some pause.
    private static func transport(_ input: FuzzInput) -> AnsweringTransport {
        var chance = input.chance
        let status = input.isSeed ? 200 : chance.one(of: [200, 200, 200, 204, 302, 400, 404, 413, 429, 500, 503])
        let pause = String(decoding: chance.one(of: Hostile.numbers), as: UTF8.self)
        let headers = chance.next() % 2 == 0 ? [:] : ["retry-after": pause]
        return AnsweringTransport { _ in HTTPResponse(status: status, headers: headers, body: input.bytes) }
    }

    @Test func `whatever Slack answers, it is a success or one short line`() async throws {
        let seeds =
            Corpus.answers("POST") { $0.hasSuffix("/chat.postMessage") }
            + Corpus.bytes(
                #"{"ok": true, "url": "https://example.slack.com/", "team": "Example", "user": "landfall", "bot_id": "B1"}"#
            )
        try await fuzz("Slack", seeds) { input in
            let destination = SlackNotifier.Destination.bot(
                token: Secret("t"),
                channel: "#ops",
                name: "Landfall",
                icon: nil,
                url: "https://slack.test"
            )
            let slack = SlackNotifier(destination, transport: Self.transport(input))
            let isDelivered = try await Self.isDelivered { try await slack.deliver(Self.notice) }
            _ = try await Self.isDelivered { try requireLine(try await slack.verify() ?? "", "whose token it is") }
            let webhook = SlackNotifier(.webhook(Secret("https://slack.test/x")), transport: Self.transport(input))
            _ = try await Self.isDelivered { try await webhook.deliver(Self.notice) }
            return isDelivered
        }
    }

    @Test func `whatever Telegram answers, it is a success or one short line`() async throws {
        let seeds = Corpus.bytes(
            #"{"ok":true,"result":{"message_id":1,"username":"landfall_bot","title":"Operations"}}"#,
            #"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":35}}"#,
            #"{"ok":false,"error_code":400,"description":"upgraded","parameters":{"migrate_to_chat_id":-1001}}"#
        )
        try await fuzz("Telegram", seeds) { input in
            let telegram = TelegramNotifier(
                .init(token: Secret("1:A"), chat: "@ops", topic: nil, url: "https://telegram.test"),
                transport: Self.transport(input)
            )
            let isDelivered = try await Self.isDelivered { try await telegram.deliver(Self.notice) }
            _ = try await Self.isDelivered { try requireLine(try await telegram.verify(), "as whom it writes") }
            return isDelivered || input.isSeed
        }
    }

    @Test func `whatever other services for notices answer, it is a success or one short line`() async throws {
        let seeds = Corpus.bytes(
            "",
            "ok",
            #"{"message": "You are being rate limited.", "retry_after": 0.64, "global": false}"#,
            #"{"error": "Unauthorized", "errorCode": 401, "errorDescription": "you need to provide a valid token"}"#
        )
        try await fuzz("other notifiers", seeds) { input in
            let transport = Self.transport(input)
            let url = Secret("https://notices.test/x")
            let processes = AnsweringProcesses(
                end: .exited(input.bytes.count % 2 == 0 || input.isSeed ? 0 : 1),
                output: input.bytes,
                error: input.bytes
            )
            let notifiers: [any Notifier] = [
                DiscordNotifier(url: url, transport: transport), WebhookNotifier(url: url, transport: transport),
                NtfyNotifier(.init(url: url, token: nil), transport: transport),
                GotifyNotifier(.init(url: "https://notices.test", token: Secret("t")), transport: transport),
                CommandNotifier(.init(path: "/notify", environment: [:]), processes: processes),
            ]
            var isDelivered = true
            for notifier in notifiers {
                let isOne = try await Self.isDelivered { try await notifier.deliver(Self.notice) }
                isDelivered = isDelivered && isOne
            }
            return isDelivered
        }
    }
}
