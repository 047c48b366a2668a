public import Model
public import Ports

/// Discord, by a channel's webhook (https://discord.com/developers/docs/resources/webhook#execute-webhook).
public struct DiscordNotifier: Notifier {
    /// Of one message, in UTF-16 code units at the strictest.
    private static let limit = 2000

    public let name = "discord"
    /// Holds its token.
    private let url: Secret
    private let transport: any HTTPTransport

    public init(url: Secret, transport: any HTTPTransport) {
        (self.url, self.transport) = (url, transport)
    }

    /// What is too long goes out in several messages; a try that fails in between is repeated from the first.
    @discardableResult
    public func deliver(_ notice: Notice, in thread: String?) async throws(NotifierError) -> Receipt {
        let lines = notice.message.lines.map { Self.escaped($0.marked) }
        let text = (["**\(Self.escaped(notice.message.title))**"] + lines).joined(separator: "\n")
        for piece in text.pieces(of: Self.limit, size: \.utf16.count) {
            let response = try await transport.postJSON(Post(content: piece), to: url.revealed, for: scope)
            try response.check("Discord")
        }
        return Receipt()
    }

    /// What begins formatting, links, mentions and emojis is only text with a backslash before it.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if #"\*_~`|<>[]()#:@-"#.contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    private struct Post: Encodable {
        struct Mentions: Encodable { let parse: [String] }

        let content: String
        /// Nobody is called, whatever the text says.
        let mentions = Mentions(parse: [])
        /// SUPPRESS_EMBEDS: addresses are not looked up.
        let flags = 4

        private enum CodingKeys: String, CodingKey {
            case content, flags
            case mentions = "allowed_mentions"
        }
    }
}
