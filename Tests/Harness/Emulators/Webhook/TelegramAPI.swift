import FoundationEssentials
import HTTPServer

/// The Bot API of Telegram, as far as a bot uses it that only writes: https://core.telegram.org/bots/api.
enum TelegramAPI {
    private static let token = "123:ABC"
    /// A group that is the supergroup -1001 now.
    private static let oldGroup = "-42"
    /// What each chat is, and what the bot is there.
    private static let chats: [String: (type: String, member: String)] = [
        "-1001": ("supergroup", #""status":"member""#),
        "@ops": ("channel", #""status":"administrator","can_post_messages":true"#),
        "-2": ("supergroup", #""status":"restricted","can_send_messages":false"#),
        "@news": ("channel", #""status":"left""#), "7": ("private", ""),
    ]
    /// What Telegram says of chats that the bot cannot write to.
    private static let refusals = [
        "-6": (403, "Forbidden: bot was kicked from the group chat"),
        "8": (403, "Forbidden: bot was blocked by the user"),
        "-2": (400, "Bad Request: not enough rights to send text messages to the chat"),
        "@news": (403, "Forbidden: bot is not a member of the channel chat"),
    ]

    /// - Parameter path: what follows the API's base.
    static func answer(_ path: Substring, _ request: ServerRequest) -> ServerResponse {
        let parts = path.split(separator: "/")
        guard parts.count == 2, parts[0].hasPrefix("bot") else { return error(404, "Not Found") }
        guard parts[0].dropFirst(3) == token else { return error(401, "Unauthorized") }
        switch (request.method, parts[1]) {
        case ("GET", "getMe"): return .text(#"{"ok":true,"result":{"id":123,"is_bot":true,"username":"landfall_bot"}}"#)
        case ("GET", "getChat"):
            let name = request.query["chat_id"] ?? ""
            guard let chat = chats[name] else { return refusal(of: name) ?? error(400, "Bad Request: chat not found") }
            let title = chat.type == "private" ? "" : #","title":"Operations""#
            return .text(#"{"ok":true,"result":{"id":-1001\#(title),"type":"\#(chat.type)"}}"#)
        case ("GET", "getChatMember"):
            guard request.query["user_id"] == "123", let chat = chats[request.query["chat_id"] ?? ""] else {
                return error(400, "Bad Request: chat not found")
            }
            return .text(#"{"ok":true,"result":{"user":{"id":123},\#(chat.member)}}"#)
        case ("POST", "sendMessage"): return send(request)
        default: return error(404, "Not Found: method not found")
        }
    }

    private static func send(_ request: ServerRequest) -> ServerResponse {
        guard let post = try? JSONDecoder().decode(Post.self, from: Data(request.body)) else {
            return error(400, "Bad Request: can't parse the JSON object")
        }
        if let refusal = refusal(of: post.chat) { return refusal }
        guard !post.text.isEmpty else { return error(400, "Bad Request: message text is empty") }
        guard post.text.utf16.count <= 4096 else { return error(400, "Bad Request: message is too long") }
        return .text(#"{"ok":true,"result":{"message_id":1}}"#)
    }

    private static func refusal(of chat: String) -> ServerResponse? {
        if let (code, text) = refusals[chat] { return error(code, text) }
        if chats[chat] != nil { return nil }
        guard chat == oldGroup else { return error(400, "Bad Request: chat not found") }
        let text = "Bad Request: group chat was upgraded to a supergroup chat"
        return error(400, text, parameters: #"{"migrate_to_chat_id":-1001}"#)
    }

    private static func error(_ code: Int, _ text: String, parameters: String = "{}") -> ServerResponse {
        .text(#"{"ok":false,"error_code":\#(code),"description":"\#(text)","parameters":\#(parameters)}"#, status: code)
    }

    private struct Post: Decodable {
        /// A number, as JSON has it or as text, or a name.
        let chat: String
        let text: String

        private enum CodingKeys: String, CodingKey { case chat = "chat_id", text }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            text = try container.decode(String.self, forKey: .text)
            chat =
                if let number = try? container.decode(Int64.self, forKey: .chat) { "\(number)" } else {
                    try container.decode(String.self, forKey: .chat)
                }
        }
    }
}
