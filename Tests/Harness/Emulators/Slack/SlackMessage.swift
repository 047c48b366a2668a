/// A message that arrived at the emulated Slack.
public struct SlackMessage: Sendable, Hashable, Codable {
    /// What Slack calls it by; threads refer to it.
    public let ts: String
    /// Nil through the incoming webhook, which has a channel of its own.
    public let channel: String?
    public let text: String
    /// The bot's name and picture, where given.
    public let username: String?
    public let iconEmoji: String?
    public let iconURL: String?
    /// The `ts` of the message that this one answers.
    public let thread: String?
    /// Whether such an answer is shown in the channel too.
    public let isBroadcast: Bool?
    public let metadata: SlackMetadata?

    private enum CodingKeys: String, CodingKey {
        case ts, channel, text, username, metadata
        case isBroadcast = "reply_broadcast"
        case iconEmoji = "icon_emoji"
        case iconURL = "icon_url"
        case thread = "thread_ts"
    }
}

/// What programs may read of a message.
public struct SlackMetadata: Sendable, Hashable, Codable {
    public let type: String
    public let payload: [String: String]

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
    let thread: String?
    let isBroadcast: Bool?
    let metadata: SlackMetadata?

    private enum CodingKeys: String, CodingKey {
        case channel, text, username, metadata
        case isBroadcast = "reply_broadcast"
        case iconEmoji = "icon_emoji"
        case iconURL = "icon_url"
        case thread = "thread_ts"
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
