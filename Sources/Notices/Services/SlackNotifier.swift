package import Model
package import Ports

/// Slack, by a bot's token or by an incoming webhook (https://docs.slack.dev/reference/methods/chat.postMessage).
package struct SlackNotifier: Notifier {
    package enum Destination: Sendable {
        /// `icon` is an emoji (`:anchor:`) or a URL; `url` is the Web API's base.
        case bot(token: Secret, channel: String, name: String, icon: String?, url: String)
        /// The URL is the secret.
        case webhook(Secret)
    }

    package let name = "slack"
    private let destination: Destination
    private let transport: any HTTPTransport

    package init(_ destination: Destination, transport: any HTTPTransport) {
        (self.destination, self.transport) = (destination, transport)
    }

    package func deliver(_ notice: Notice) async throws(NotifierError) {
        var post = post(notice)
        let response = try await transport.postJSON(post, to: url, headers: headers, for: scope)
        guard case .bot = destination else { return try Self.checkWebhook(response) }
        var answer = try SlackAnswer(response)
        // Bots that do not belong to an app may post, but without metadata.
        if answer.error == "metadata_must_be_sent_from_app" {
            post["metadata"] = nil
            answer = try SlackAnswer(try await transport.postJSON(post, to: url, headers: headers, for: scope))
        }
        try answer.check()
    }

    private static func checkWebhook(_ response: HTTPResponse) throws(NotifierError) {
        switch response.status {
        case 200..<300:
            // What stands in for Slack may answer otherwise than `ok`, but says so when it does not take a message.
            if let answer = try? SlackAnswer(response) { try answer.check() }
        case 429: throw .tooSoon(after: response.pause)
        case let status:
            let text = "the webhook answers \(status) \(sanitized(response.text, limit: 80))"
            switch status {
            case 400: throw .unacceptable(text)
            case 408, 500...: throw .unavailable(text)
            default: throw .refused("\(text); make one for a channel that is not archived, and set SLACK_WEBHOOK_URL")
            }
        }
    }

    /// Asks whose token it is (https://docs.slack.dev/reference/methods/auth.test), what it may do, and whether the channel
    /// takes messages, as far as that can be known without posting. Nil of an incoming webhook.
    package func verify() async throws(NotifierError) -> String? {
        guard case .bot(_, let channel, _, _, let url) = destination else { return nil }
        let response = try await transport.exchange(.get, url + "/auth.test", headers: headers, for: scope)
        let answer = try SlackAnswer(response)
        try answer.check()
        let scopes = response.headers["x-oauth-scopes"].map { $0.split { ", ".contains($0) }.map(String.init) }
        if let scopes, !scopes.isEmpty, !scopes.contains(where: { $0.hasPrefix("chat:write") }) {
            throw SlackAnswer.refusal("missing_scope")
        }
        let state = try await channelState(channel, url)
        return sanitized(
            "\(answer.user ?? "a bot") of \(answer.team ?? "a workspace"), writing to \(channel); \(state)"
        )
    }

    /// Slack tells of a channel by its ID alone, and to tokens with channels:read (or groups:read)
    /// (https://docs.slack.dev/reference/methods/conversations.info).
    private func channelState(_ channel: String, _ url: String) async throws(NotifierError) -> String {
        let unknown = "nothing was posted, so whether the channel takes messages is not known"
        guard let first = channel.first, "CG".contains(first), channel.allSatisfy({ $0.isNumber || $0.isUppercase })
        else { return unknown }
        let place = "\(url)/conversations.info?channel=\(channel)"
        let response = try await transport.exchange(.get, place, headers: headers, for: scope)
        guard let info = try? SlackAnswer(response), info.ok, let found = info.channel else { return unknown }
        if found.is_archived == true { throw SlackAnswer.refusal("is_archived") }
        if found.is_member == false { throw SlackAnswer.refusal("not_in_channel") }
        return "nothing was posted, but the channel is there"
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

    private func post(_ notice: Notice) -> JSONValue {
        let lines = notice.message.lines.map { Self.escaped($0.marked) }
        let text = (["*\(Self.escaped(notice.message.title))*"] + lines).joined(separator: "\n")
        // Names and addresses in the text are only text.
        var post: JSONValue = [
            "text": .string(text), "parse": "none", "link_names": false, "unfurl_links": false, "unfurl_media": false,
        ]
        if case .bot(_, let channel, let name, let icon, _) = destination {
            post["channel"] = .string(channel)
            post["username"] = .string(name)
            if let icon { post[icon.hasPrefix(":") ? "icon_emoji" : "icon_url"] = .string(icon) }
            // For programs that read the channel (https://docs.slack.dev/messaging/message-metadata).
            post["metadata"] = ["event_type": "landfall_notice", "event_payload": ["id": .string(notice.id)]]
        }
        return post
    }

    /// These three characters begin links, mentions and entities (https://docs.slack.dev/messaging/formatting-message-text).
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
}

/// An answer of Slack's Web API. An error is HTTP 200 with `ok:false`.
private struct SlackAnswer: Decodable {
    struct Channel: Decodable {
        let is_archived: Bool?
        let is_member: Bool?
    }

    let ok: Bool
    let error: String?
    /// `auth.test` answers with these two.
    let team: String?
    let user: String?
    /// `conversations.info` answers with an object, `chat.postMessage` with an ID.
    let channel: Channel?

    private enum CodingKeys: CodingKey { case ok, error, team, user, channel }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ok = try container.decode(Bool.self, forKey: .ok)
        error = try? container.decodeIfPresent(String.self, forKey: .error)
        team = try? container.decodeIfPresent(String.self, forKey: .team)
        user = try? container.decodeIfPresent(String.self, forKey: .user)
        channel = try? container.decodeIfPresent(Channel.self, forKey: .channel)
    }

    init(_ response: HTTPResponse) throws(NotifierError) {
        let answer = try? decodeJSON(SlackAnswer.self, from: response.body)
        if response.status == 429 || ["ratelimited", "rate_limited"].contains(answer?.error) {
            throw .tooSoon(after: response.pause)
        }
        guard let answer else { throw .unavailable("the answer (\(response.status)) is not Slack's") }
        self = answer
    }

    /// Throws the error that Slack answers with, if any.
    func check() throws(NotifierError) {
        guard !ok else { return }
        throw Self.refusal(error ?? "no reason")
    }

    static func refusal(_ code: String) -> NotifierError {
        let code = sanitized(code, limit: 80)
        if outages.contains(code) { return .unavailable("Slack reports an internal error (\(code))") }
        if aboutTheMessage.contains(code) { return .unacceptable("Slack refuses the message (\(code))") }
        let (cause, cure) =
            explanations[code] ?? ("", "https://docs.slack.dev/reference/methods/chat.postMessage lists why")
        return .refused("Slack refuses\(cause.isEmpty ? "" : ": \(cause)") (\(code)); \(cure)")
    }

    private static let newToken = "make a bot token with chat:write at https://api.slack.com/apps, and set SLACK_TOKEN"
    private static let otherChannel = "set SLACK_CHANNEL to a channel that the bot is a member of"

    /// What each code means, and what to do (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
    private static let explanations: [String: (cause: String, cure: String)] = [
        "invalid_auth": ("the token is not valid", newToken),
        "not_authed": ("it got no token", newToken),
        "token_revoked": ("the token was revoked", newToken),
        "token_expired": ("the token has expired", newToken),
        "not_allowed_token_type": ("the token is of another type", newToken),
        "account_inactive": ("the token's account or workspace was deactivated", newToken),
        "channel_not_found": (
            "there is no such channel, or the bot cannot see it", "invite the bot there, or \(otherChannel)"
        ),
        "is_archived": ("the channel is archived", "unarchive it, or \(otherChannel)"),
        "not_in_channel": ("the bot is not a member of the channel", "invite it there: /invite @BOT"),
        "missing_scope": ("the token lacks chat:write", "add that scope to the app and install it again"),
        "restricted_action": (
            "the workspace lets the bot post nothing there", "ask its administrator, or \(otherChannel)"
        ),
    ]

    private static let outages: Set = ["fatal_error", "internal_error", "service_unavailable", "request_timeout"]

    private static let aboutTheMessage: Set = [
        "msg_too_long", "no_text", "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large",
    ]
}
