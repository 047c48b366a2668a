package import Model
package import Ports

/// Discord, by a channel's webhook (https://discord.com/developers/docs/resources/webhook#execute-webhook).
package struct DiscordNotifier: Notifier {
    /// The length of one message, in UTF-16 code units at the strictest.
    private static let limit = 2000

    package let name = "discord"
    /// Contains the token.
    private let url: Secret
    private let transport: any HTTPTransport

    package init(url: Secret, transport: any HTTPTransport) { (self.url, self.transport) = (url, transport) }

    /// Sends a long notice as several messages; when one of them fails, all are sent again.
    package func deliver(_ notice: Notice) async throws(NotifierError) {
        let lines = notice.message.lines.map { Self.escaped($0.marked) }
        let text = (["**\(Self.escaped(notice.message.title))**"] + lines).joined(separator: "\n")
        for part in text.split(into: Self.limit, size: \.utf16.count) {
            // The text mentions nobody, whatever it says. Flag 4 (SUPPRESS_EMBEDS): no previews of addresses.
            let post: JSONValue = ["content": .string(part), "allowed_mentions": ["parse": []], "flags": 4]
            let response = try await transport.postJSON(post, to: url.revealed, for: scope)
            try response.check("Discord", cure: "make a webhook in the channel's settings, and set DISCORD_WEBHOOK_URL")
        }
    }

    /// Backslashes before the characters that begin formatting, links, mentions and emojis.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if #"\*_~`|<>[]()#:@-"#.contains(character) { result.append("\\") }
            result.append(character)
        }
    }
}
