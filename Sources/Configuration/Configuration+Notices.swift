import Model
import Notices

extension Configuration {
    static func notices(_ reader: inout Reader, _ environment: [String: String]) -> Notices {
        let webhook = reader.optional("LANDFALL_WEBHOOK_URL", webURL).map(Secret.init)
        let webhookSecret = reader.secret("LANDFALL_WEBHOOK_SECRET")
        if webhook == nil, webhookSecret != nil {
            reader.reject("LANDFALL_WEBHOOK_SECRET is set, but LANDFALL_WEBHOOK_URL, for which it signs, is not")
        }
        return Notices(
            slack: slack(&reader),
            webhook: webhook,
            webhookSecret: webhookSecret,
            ntfy: ntfy(&reader),
            discord: reader.optional("DISCORD_WEBHOOK_URL", webURL).map(Secret.init),
            gotify: gotify(&reader),
            command: reader.optional("LANDFALL_NOTIFY_COMMAND", path).map {
                CommandNotifier.Program(path: $0, environment: passedOn(from: environment))
            },
            heartbeat: reader.optional("LANDFALL_HEARTBEAT_URL", webURL).map(Secret.init),
            levels: levels(&reader)
        )
    }

    private static func slack(_ reader: inout Reader) -> SlackNotifier.Destination? {
        let url = reader.value("SLACK_API_URL", standard: "https://slack.com/api", webURL)
        let name = reader.text("SLACK_BOT_NAME") ?? "Landfall"
        let icon = reader.text("SLACK_BOT_ICON")
        if let webhook = reader.optional("SLACK_WEBHOOK_URL", webURL) {
            if reader.text("SLACK_TOKEN") != nil {
                reader.warn("Slack: SLACK_WEBHOOK_URL is used; SLACK_TOKEN is set as well, and is not used")
            }
            return .webhook(Secret(webhook))
        }
        guard let token = reader.secret("SLACK_TOKEN") else { return nil }
        guard let channel = reader.text("SLACK_CHANNEL") else {
            reader.reject("SLACK_TOKEN is set, but SLACK_CHANNEL is not")
            return nil
        }
        return .bot(token: token, channel: channel, name: name, icon: icon, url: url)
    }

    private static func ntfy(_ reader: inout Reader) -> NtfyNotifier.Destination? {
        let token = reader.secret("NTFY_TOKEN")
        guard let url = reader.optional("NTFY_URL", topicURL) else {
            if token != nil { reader.reject("NTFY_TOKEN is set, but NTFY_URL with the topic is not") }
            return nil
        }
        return NtfyNotifier.Destination(url: Secret(url), token: token)
    }

    private static func gotify(_ reader: inout Reader) -> GotifyNotifier.Destination? {
        switch (reader.optional("GOTIFY_URL", webURL), reader.secret("GOTIFY_TOKEN")) {
        case (let url?, let token?): return GotifyNotifier.Destination(url: url, token: token)
        case (.some, nil): reader.reject("GOTIFY_URL is set, but GOTIFY_TOKEN is not")
        case (nil, .some): reader.reject("GOTIFY_TOKEN is set, but GOTIFY_URL is not")
        case (nil, nil): break
        }
        return nil
    }

    private static func levels(_ reader: inout Reader) -> [String: NoticeLevel] {
        let names = [
            "slack": "SLACK_LEVEL", "webhook": "LANDFALL_WEBHOOK_LEVEL", "ntfy": "NTFY_LEVEL",
            "discord": "DISCORD_LEVEL", "gotify": "GOTIFY_LEVEL", "command": "LANDFALL_NOTIFY_LEVEL",
        ]
        return names.sorted { $0.key < $1.key }.reduce(into: [:]) { levels, pair in
            levels[pair.key] = reader.value(pair.value, standard: .info) { NoticeLevel(rawValue: $0.lowercased()) }
        }
    }
}

/// A web URL that names a topic in its path.
private func topicURL(_ text: String) -> String? {
    guard let url = webURL(text), let scheme = url.firstRange(of: "://") else { return nil }
    return url[scheme.upperBound...].contains("/") ? url : nil
}
