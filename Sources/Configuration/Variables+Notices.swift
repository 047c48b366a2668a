extension Variable {
    static let notices = [
        Variable("SLACK_TOKEN", "A bot token with chat:write.", takes: "xoxb-…", isSecret: true),
        Variable("SLACK_CHANNEL", "Where the bot writes to.", takes: "a channel: #ops or C012AB3CD"),
        Variable("SLACK_BOT_NAME", "The name it writes under.", takes: "a name", standard: "Landfall"),
        Variable("SLACK_BOT_ICON", "Its icon.", takes: "an emoji: :anchor:, or an http(s) URL"),
        Variable("SLACK_API_URL", "Where Slack's API is.", takes: "an http(s) URL", standard: "https://slack.com/api"),
        Variable(
            "SLACK_WEBHOOK_URL",
            "An incoming webhook, in place of token and channel.",
            takes: "an http(s) URL",
            isSecret: true
        ),
        level("SLACK_LEVEL", of: "Slack"),
        Variable(
            "LANDFALL_WEBHOOK_URL",
            "Gets every notice as JSON: id, time, title, message, level, hosts, events.",
            takes: "an http(s) URL",
            isSecret: true
        ),
        Variable(
            "LANDFALL_WEBHOOK_SECRET",
            "Signs what the webhook gets: HMAC-SHA-256 of the body, in X-Landfall-Signature.",
            takes: "any text",
            isSecret: true
        ),
        level("LANDFALL_WEBHOOK_LEVEL", of: "the webhook"),
        Variable("NTFY_URL", "A topic of ntfy.", takes: "an http(s) URL with the topic", isSecret: true),
        Variable("NTFY_TOKEN", "An access token of ntfy's.", takes: "tk_…", isSecret: true),
        level("NTFY_LEVEL", of: "ntfy"),
        Variable("DISCORD_WEBHOOK_URL", "A webhook of a Discord channel.", takes: "an http(s) URL", isSecret: true),
        level("DISCORD_LEVEL", of: "Discord"),
        Variable("GOTIFY_URL", "A Gotify server.", takes: "an http(s) URL"),
        Variable("GOTIFY_TOKEN", "The token of an application there.", takes: "a token", isSecret: true),
        level("GOTIFY_LEVEL", of: "Gotify"),
        Variable(
            "LANDFALL_NOTIFY_COMMAND",
            "A program of yours that reads every notice as JSON from its standard input.",
            takes: "the absolute path of a program"
        ),
        level("LANDFALL_NOTIFY_LEVEL", of: "that program"),
        Variable(
            "LANDFALL_HEARTBEAT_URL",
            "Asked for after every run that went well, with /fail behind it after one that did not.",
            takes: "an http(s) URL, as of Healthchecks or Uptime Kuma",
            isSecret: true
        ),
    ]

    private static func level(_ name: String, of whom: String) -> Variable {
        Variable(name, "The least that \(whom) is told.", takes: "info, warning or error", standard: "info")
    }
}
