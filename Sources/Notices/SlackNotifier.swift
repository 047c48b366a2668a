import FoundationEssentials
public import Model
public import Transport

/// Slack, by a bot's token or by an incoming webhook.
///
/// Rules: https://docs.slack.dev/reference/methods/chat.postMessage; an error is HTTP 200 with `ok:false`.
public struct SlackNotifier: Notifier {
    public enum Destination: Sendable {
        /// `icon` is an emoji (`:anchor:`) or a URL; `url` is the Web API's base.
        case bot(token: Secret, channel: String, name: String, icon: String?, url: String)
        /// Its URL is the secret.
        case webhook(Secret)
    }

    public let name = "slack"
    private let destination: Destination
    private let transport: any HTTPTransport

    public init(_ destination: Destination, transport: any HTTPTransport) {
        (self.destination, self.transport) = (destination, transport)
    }

    public func deliver(_ message: Message) async throws(NotifierError) {
        let response = try await transport.post(post(message), to: url, headers: headers)
        if response.status == 429 { throw .tooSoon(after: response.pause) }
        switch destination {
        case .bot: try Self.check(response)
        case .webhook:
            guard response.status == 200, response.text == "ok" else {
                throw .refused("the webhook answers \(response.status) \(oneLine(response.text, limit: 80))")
            }
        }
    }

    private var url: String {
        switch destination {
        case .bot(_, _, _, _, let url): url + "/chat.postMessage"
        case .webhook(let url): url.revealed
        }
    }

    private var headers: [HTTPHeader] {
        switch destination {
        case .bot(let token, _, _, _, _): [HTTPHeader("Authorization", secret: "Bearer " + token.revealed)]
        case .webhook: []
        }
    }

    private func post(_ message: Message) -> Post {
        let lines = message.lines.map { Self.escaped($0.marked) }
        var post = Post(text: (["*\(Self.escaped(message.title))*"] + lines).joined(separator: "\n"))
        if case .bot(_, let channel, let name, let icon, _) = destination {
            post.channel = channel
            post.username = name
            if icon?.hasPrefix(":") == true { post.iconEmoji = icon } else { post.iconURL = icon }
        }
        return post
    }

    /// These three begin links, mentions and entities (https://docs.slack.dev/messaging/formatting-message-text).
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }

    private static func check(_ response: HTTPResponse) throws(NotifierError) {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)) else {
            throw .unavailable("the answer (\(response.status)) is not Slack's")
        }
        guard !answer.ok else { return }
        let error = answer.error ?? "no reason"
        throw .refused("Slack refuses: \(explanations[error] ?? oneLine(error, limit: 80))")
    }

    private static let explanations = [
        "invalid_auth": "the token is not valid (invalid_auth)",
        "account_inactive": "the token's account is gone (account_inactive)",
        "channel_not_found": "there is no such channel, or the bot cannot see it (channel_not_found)",
        "not_in_channel": "the bot is not a member of the channel (not_in_channel)",
        "missing_scope": "the token lacks chat:write (missing_scope)",
    ]
}

private struct Answer: Decodable {
    let ok: Bool
    let error: String?
}

private struct Post: Encodable {
    let text: String
    var channel: String?
    var username: String?
    var iconEmoji: String?
    var iconURL: String?
    /// Names and addresses in the text are only text.
    let parse = "none"
    let linksNames = false
    let unfurlsLinks = false
    let unfurlsMedia = false

    private enum CodingKeys: String, CodingKey {
        case text, channel, username, parse
        case iconEmoji = "icon_emoji"
        case iconURL = "icon_url"
        case linksNames = "link_names"
        case unfurlsLinks = "unfurl_links"
        case unfurlsMedia = "unfurl_media"
    }

    init(text: String) {
        self.text = text
    }
}
