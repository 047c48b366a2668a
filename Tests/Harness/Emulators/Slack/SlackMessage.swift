/// A message that arrived at the emulated Slack.
package struct SlackMessage: Sendable, Hashable, Codable {
    /// Its ID.
    package let ts: String
    /// Nil through the incoming webhook, which has a channel of its own.
    package let channel: String?
    package let text: String
    /// The bot's name and picture, where given.
    package let username: String?
    package let iconEmoji: String?
    package let iconURL: String?
    package let metadata: SlackMetadata?

    private enum CodingKeys: String, CodingKey {
        case ts, channel, text, username, metadata
        case iconEmoji = "icon_emoji"
        case iconURL = "icon_url"
    }
}

/// What programs may read of a message.
package struct SlackMetadata: Sendable, Hashable, Codable {
    package let type: String
    package let payload: [String: String]

    private enum CodingKeys: String, CodingKey {
        case type = "event_type"
        case payload = "event_payload"
    }
}

/// What a client posts.
struct SlackDraft: Decodable {
    let channel: String?
    let text: String?
    let username: String?
    let iconEmoji: String?
    let iconURL: String?
    let metadata: SlackMetadata?

    private enum CodingKeys: String, CodingKey {
        case channel, text, username, metadata
        case iconEmoji = "icon_emoji"
        case iconURL = "icon_url"
    }
}

/// What the Web API answers.
struct SlackAnswer: Encodable {
    let ok: Bool
    var error: String?
    var channel: String?
    var ts: String?
    var message: SlackMessage?
    var team: String?
    var user: String?
}
