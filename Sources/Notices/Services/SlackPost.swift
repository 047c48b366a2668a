/// A message as Slack takes it, through its Web API or an incoming webhook.
struct SlackPost: Encodable {
    /// What programs may read of it (https://docs.slack.dev/messaging/message-metadata).
    struct Metadata: Encodable {
        struct Payload: Encodable { let id: String }

        let type = "landfall_notice"
        let payload: Payload

        private enum CodingKeys: String, CodingKey {
            case type = "event_type"
            case payload = "event_payload"
        }

        init(id: String) {
            payload = Payload(id: id)
        }
    }

    let text: String
    var channel: String?
    var username: String?
    var iconEmoji: String?
    var iconURL: String?
    var metadata: Metadata?
    /// The `ts` of the message that it answers.
    var thread: String?
    /// Whether an answer is shown in the channel as well.
    var isBroadcast: Bool?
    /// Names and addresses in the text are only text.
    let parse = "none"
    let linksNames = false
    let unfurlsLinks = false
    let unfurlsMedia = false

    private enum CodingKeys: String, CodingKey {
        case text, channel, username, parse, metadata
        case iconEmoji = "icon_emoji"
        case iconURL = "icon_url"
        case thread = "thread_ts"
        case isBroadcast = "reply_broadcast"
        case linksNames = "link_names"
        case unfurlsLinks = "unfurl_links"
        case unfurlsMedia = "unfurl_media"
    }

    init(text: String) {
        self.text = text
    }
}
