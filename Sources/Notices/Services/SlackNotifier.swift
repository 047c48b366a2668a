public import Model
public import Ports

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

    @discardableResult
    public func deliver(_ notice: Notice, in thread: String?) async throws(NotifierError) -> Receipt {
        var post = post(notice, thread)
        let response = try await transport.postJSON(post, to: url, headers: headers, for: scope)
        guard case .bot = destination else { return try Self.webhookReceipt(response) }
        var answer = try SlackAnswer(response)
        // A bot that belongs to no app is heard all the same.
        if answer.error == "metadata_must_be_sent_from_app" {
            post.metadata = nil
            answer = try SlackAnswer(try await transport.postJSON(post, to: url, headers: headers, for: scope))
        }
        try answer.check()
        return Receipt(thread: answer.thread)
    }

    private static func webhookReceipt(_ response: HTTPResponse) throws(NotifierError) -> Receipt {
        if response.status == 429 { throw .tooSoon(after: response.pause) }
        guard (200..<300).contains(response.status) else {
            let text = "the webhook answers \(response.status) \(sanitized(response.text, limit: 80))"
            throw response.status == 400 ? .unacceptable(text) : .refused(text)
        }
        return Receipt()
    }

    /// Whose token it is, and where it is valid (https://docs.slack.dev/reference/methods/auth.test); writes nothing.
    public func verify() async throws(NotifierError) -> String {
        guard case .bot(_, let channel, _, _, let url) = destination else { return "an incoming webhook is configured" }
        let request = HTTPRequest(
            .get,
            url + "/auth.test",
            headers: headers,
            timeLimit: .seconds(8),
            bodyLimit: 64 << 10
        )
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await transport.send(request, for: scope)
        } catch {
            throw .unavailable("\(error)")
        }
        let answer = try SlackAnswer(response)
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

    private func post(_ notice: Notice, _ thread: String?) -> SlackPost {
        let message = notice.message
        let lines = message.lines.map { Self.escaped($0.marked) }
        var post = SlackPost(text: (["*\(Self.escaped(message.title))*"] + lines).joined(separator: "\n"))
        if case .bot(_, let channel, let name, let icon, _) = destination {
            post.channel = channel
            post.username = name
            if icon?.hasPrefix(":") == true { post.iconEmoji = icon } else { post.iconURL = icon }
            post.metadata = .init(id: notice.id)
            post.thread = thread
            // Whoever saw the problem in the channel sees its end there.
            if thread != nil { post.isBroadcast = message.has(.recovery) }
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
}
