import FoundationEssentials
import Model
import Ports

/// What Slack's Web API answers. An error is HTTP 200 with `ok:false`.
struct SlackAnswer: Decodable {
    let ok: Bool
    let error: String?
    /// What the message is called by, and the thread that it may begin.
    let thread: String?
    /// Of `auth.test`.
    let team: String?
    let user: String?

    private enum CodingKeys: String, CodingKey {
        case ok, error, team, user
        case thread = "ts"
    }

    init(_ response: HTTPResponse) throws(NotifierError) {
        let answer = try? JSONDecoder().decode(SlackAnswer.self, from: Data(response.body))
        if response.status == 429 || ["ratelimited", "rate_limited"].contains(answer?.error) {
            throw .tooSoon(after: response.pause)
        }
        guard let answer else { throw .unavailable("the answer (\(response.status)) is not Slack's") }
        self = answer
    }

    /// What kept Slack from doing what it was asked for.
    func check() throws(NotifierError) {
        guard !ok else { return }
        let code = error ?? "no reason"
        let text = "Slack refuses: \(Self.explanations[code] ?? sanitized(code, limit: 80))"
        throw Self.aboutTheMessage.contains(code) ? .unacceptable(text) : .refused(text)
    }

    /// https://docs.slack.dev/reference/methods/chat.postMessage#errors
    private static let explanations = [
        "invalid_auth": "the token is not valid (invalid_auth)",
        "account_inactive": "the token's account is gone (account_inactive)",
        "channel_not_found": "there is no such channel, or the bot cannot see it (channel_not_found)",
        "is_archived": "the channel is archived (is_archived)",
        "not_in_channel": "the bot is not a member of the channel (not_in_channel)",
        "missing_scope": "the token lacks chat:write (missing_scope)",
    ]

    private static let aboutTheMessage: Set = [
        "msg_too_long", "no_text", "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large",
    ]
}
