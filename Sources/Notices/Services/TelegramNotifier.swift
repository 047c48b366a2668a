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

    /// Returns as whom the bot writes and to which chat; writes nothing.
    package func verify() async throws(NotifierError) -> String {
        let bot = try await ask("getMe")
        let chat = try await ask("getChat?chat_id=\(percentEncoded(destination.chat))")
        return sanitized("@\(bot?.username ?? "a bot"), writing to \(chat?.title ?? destination.chat)")
    }

    private func send(_ post: JSONValue) async throws(NotifierError) -> TelegramAnswer {
        try TelegramAnswer(try await transport.postJSON(post, to: url("sendMessage"), for: scope))
    }

    private func ask(_ method: String) async throws(NotifierError) -> TelegramAnswer.Result? {
        let answer = try TelegramAnswer(try await transport.exchange(.get, url(method), for: scope))
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
        /// `getMe` answers with this one, `getChat` of a group with the other.
        let username: String?
        let title: String?
    }

    let ok: Bool
    let error_code: Int?
    let description: String?
    let parameters: Parameters?
    let result: Result?

    init(_ response: HTTPResponse) throws(NotifierError) {
        guard let answer = try? decodeJSON(TelegramAnswer.self, from: response.body) else {
            throw .unavailable("the answer (\(response.status)) is not Telegram's")
        }
        self = answer
    }

    /// Throws the error that Telegram answers with, if any.
    func check() throws(NotifierError) {
        guard !ok else { return }
        let reason = sanitized(description ?? "no reason", limit: 200)
        let text = "Telegram refuses: \(reason)"
        switch error_code ?? 0 {
        case 429: throw .tooSoon(after: .seconds(min(max(parameters?.retry_after ?? 60, 1), 86_400)))
        case 500...: throw .unavailable("Telegram fails: \(reason)")
        case 401, 404: throw .refused("\(text): see TELEGRAM_TOKEN")
        case 400 where reason.contains("message is too long") || reason.contains("message text is empty"):
            throw .unacceptable(text)
        case 400, 403: throw .refused("\(text): see TELEGRAM_CHAT, and add the bot to it")
        default: throw .refused(text)
        }
    }
}
