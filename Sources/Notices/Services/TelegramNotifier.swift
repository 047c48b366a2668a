package import Model
package import Ports

/// Telegram, by a bot (https://core.telegram.org/bots/api#sendmessage).
package struct TelegramNotifier: Notifier {
    package struct Destination: Sendable {
        package let token: Secret
        /// A number, or `@NAME` of a channel.
        package let chat: String
        /// Of a group with topics.
        package let topic: Int?
        /// The Bot API's base.
        package let url: String

        package init(token: Secret, chat: String, topic: Int?, url: String) {
            (self.token, self.chat, self.topic, self.url) = (token, chat, topic, url)
        }
    }

    /// The length of one message, in UTF-16 code units at the strictest.
    private static let limit = 4096

    package let name = "telegram"
    private let destination: Destination
    private let transport: any HTTPTransport

    package init(_ destination: Destination, transport: any HTTPTransport) {
        (self.destination, self.transport) = (destination, transport)
    }

    package func deliver(_ notice: Notice) async throws(NotifierError) {
        let message = notice.message
        let text = ([message.title] + message.lines.map(\.marked)).joined(separator: "\n")
        var post: JSONValue = [
            "chat_id": .string(destination.chat), "link_preview_options": ["is_disabled": true],
            "text": .string(Self.withoutMentions(text).lines(within: Self.limit, size: \.utf16.count)),
        ]
        post["message_thread_id"] = destination.topic.map { .integer(Int64($0)) }
        var answer = try await send(post)
        // A group that became a supergroup has another number.
        if let chat = answer.parameters?.migrate_to_chat_id {
            post["chat_id"] = .integer(chat)
            answer = try await send(post)
        }
        try answer.check()
    }

    /// Returns the bot's name, the chat, and whether it may write there, as far as that can be known; writes nothing.
    package func verify() async throws(NotifierError) -> String {
        let bot = try await ask("getMe")
        let chat = try await ask("getChat?chat_id=\(percentEncoded(destination.chat))")
        let state = try await writing(bot, chat)
        return sanitized("@\(bot?.username ?? "a bot"), writing to \(chat?.title ?? destination.chat); \(state)")
    }

    /// Whether the bot may write to a group or channel (https://core.telegram.org/bots/api#chatmember).
    private func writing(_ bot: TelegramAnswer.Result?, _ chat: TelegramAnswer.Result?) async throws(NotifierError)
        -> String
    {
        let unknown = "nothing was posted, so whether the chat takes messages is not known"
        guard let id = bot?.id, let kind = chat?.type, kind != "private" else { return unknown }
        let question = "getChatMember?chat_id=\(percentEncoded(destination.chat))&user_id=\(id)"
        guard let answer = try? await transport.exchange(.get, url(question), for: scope),
            let member = try? TelegramAnswer(answer, hiding: destination.token).result, let status = member.status
        else { return unknown }
        if ["left", "kicked"].contains(status) { throw TelegramAnswer.refusal("the bot is not a member of the chat") }
        let mayWrite =
            if kind == "channel" {
                status == "creator" || (status == "administrator" && member.can_post_messages != false)
            } else {
                status != "restricted" || member.can_send_messages != false
            }
        guard mayWrite else { throw TelegramAnswer.refusal("the bot has no right to send messages there") }
        return "nothing was posted, but the bot may write there"
    }

    private func send(_ post: JSONValue) async throws(NotifierError) -> TelegramAnswer {
        try TelegramAnswer(
            try await transport.postJSON(post, to: url("sendMessage"), for: scope),
            hiding: destination.token
        )
    }

    private func ask(_ method: String) async throws(NotifierError) -> TelegramAnswer.Result? {
        let answer = try TelegramAnswer(
            try await transport.exchange(.get, url(method), for: scope),
            hiding: destination.token
        )
        try answer.check()
        return answer.result
    }

    private func url(_ method: String) -> String { "\(destination.url)/bot\(destination.token.revealed)/\(method)" }

    /// Telegram makes a mention of `@name` in any text; after an invisible joiner there is no name.
    private static func withoutMentions(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            result.unicodeScalars.append(scalar)
            if scalar == "@" { result.unicodeScalars.append("\u{2060}") }
        }
    }
}

/// An answer of the Bot API (https://core.telegram.org/bots/api#making-requests).
private struct TelegramAnswer: Decodable {
    struct Parameters: Decodable {
        let retry_after: Int?
        let migrate_to_chat_id: Int64?
    }

    struct Result: Decodable {
        /// `getMe` answers with these two,
        let id: Int64?
        let username: String?
        /// `getChat` with these,
        let title: String?
        let type: String?
        /// and `getChatMember` with these.
        let status: String?
        let can_send_messages: Bool?
        let can_post_messages: Bool?
    }

    let ok: Bool
    let error_code: Int?
    let description: String?
    let parameters: Parameters?
    let result: Result?

    private enum CodingKeys: CodingKey { case ok, error_code, description, parameters, result }

    /// Of a message that was taken, nothing else has to be understood.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        ok = try fields.decode(Bool.self, forKey: .ok)
        error_code = try? fields.decode(Int.self, forKey: .error_code)
        description = try? fields.decode(String.self, forKey: .description)
        parameters = try? fields.decode(Parameters.self, forKey: .parameters)
        result = try? fields.decode(Result.self, forKey: .result)
    }

    /// - Parameter token: never shown, wherever the answer repeats it.
    init(_ response: HTTPResponse, hiding token: Secret) throws(NotifierError) {
        let text = String(outside: response.body).replacing(token.revealed, with: "•••")
        guard let answer = try? decodeJSON(TelegramAnswer.self, from: Array(text.utf8)) else {
            throw .unavailable("the answer (\(response.status)) is not Telegram's")
        }
        self = answer
    }

    /// Throws the error that Telegram answers with, if any.
    func check() throws(NotifierError) {
        guard !ok else { return }
        let reason = sanitized(description ?? "no reason", limit: 200)
        let isAboutTheMessage = ["message is too long", "message text is empty"].contains(where: reason.contains)
        switch error_code ?? 0 {
        case 429: throw .tooSoon(after: .seconds(min(max(parameters?.retry_after ?? 60, 1), 86_400)))
        case 500...: throw .unavailable("Telegram reports an internal error (\(reason))")
        case 401, 404: throw Self.refusal(reason, cure: "get a token from @BotFather, and set TELEGRAM_TOKEN")
        case 413: throw .unacceptable("Telegram refuses the message (\(reason))")
        case 400 where isAboutTheMessage: throw .unacceptable("Telegram refuses the message (\(reason))")
        default: throw Self.refusal(reason, cure: parameters?.migrate_to_chat_id.map { "set TELEGRAM_CHAT to \($0)" })
        }
    }

    static func refusal(_ reason: String, cure: String? = nil) -> NotifierError {
        let known = cures.first { words, _ in reason.contains(words) }?.cure
        let cure = cure ?? known ?? "set TELEGRAM_CHAT to a chat that the bot may write to"
        return .refused("Telegram refuses (\(reason)); \(cure)")
    }

    /// What to do, by words of the reason: these are not documented, and the codes tell only that it is about the chat.
    private static let cures: [(words: String, cure: String)] = [
        ("chat not found", "add the bot to the chat, and set TELEGRAM_CHAT to its number or @NAME"),
        ("blocked by the user", "unblock the bot there, or set TELEGRAM_CHAT to another chat"),
        ("initiate conversation", "write to the bot first, or set TELEGRAM_CHAT to another chat"),
        ("kicked", "add the bot to the chat again, or set TELEGRAM_CHAT to another one"),
        ("not a member", "add the bot to the chat, or set TELEGRAM_CHAT to another one"),
        ("right", "let an administrator of the chat allow the bot to send messages"),
        ("thread not found", "set TELEGRAM_TOPIC to a topic of the chat"),
        ("TOPIC_", "open the topic again, or set TELEGRAM_TOPIC to another one"),
    ]
}
