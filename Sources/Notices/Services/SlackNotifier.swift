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
        if response.status == 429 { throw .tooSoon(after: response.pause) }
        guard (200..<300).contains(response.status) else {
            let text = "the webhook answers \(response.status) \(sanitized(response.text, limit: 80))"
            throw response.status == 400 ? .unacceptable(text) : .refused(text)
        }
    }

    /// Returns whose token it is and where it is valid (https://docs.slack.dev/reference/methods/auth.test); writes nothing.
    package func verify() async throws(NotifierError) -> String {
        guard case .bot(_, let channel, _, _, let url) = destination else { return "an incoming webhook is configured" }
        let answer = try SlackAnswer(
            try await transport.exchange(.get, url + "/auth.test", headers: headers, for: scope)
        )
        try answer.check()
        return sanitized("\(answer.user ?? "a bot") of \(answer.team ?? "a workspace"), writing to \(channel)")
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
    let ok: Bool
    let error: String?
    /// `auth.test` answers with these two.
    let team: String?
    let user: String?

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
        let code = error ?? "no reason"
        let text = "Slack refuses: \(Self.explanations[code] ?? sanitized(code, limit: 80))"
        throw Self.aboutTheMessage.contains(code) ? .unacceptable(text) : .refused(text)
    }

    /// https://docs.slack.dev/reference/methods/chat.postMessage#errors
    private static let explanations = [
        "invalid_auth": "the token is not valid (invalid_auth)",
        "account_inactive": "the token's account was deactivated (account_inactive)",
        "channel_not_found": "there is no such channel, or the bot cannot see it (channel_not_found)",
        "is_archived": "the channel is archived (is_archived)",
        "not_in_channel": "the bot is not a member of the channel (not_in_channel)",
        "missing_scope": "the token lacks chat:write (missing_scope)",
    ]

    private static let aboutTheMessage: Set = [
        "msg_too_long", "no_text", "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large",
    ]
}
