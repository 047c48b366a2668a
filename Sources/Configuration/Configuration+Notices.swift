import Model
import Notices
import Ports

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
            telegram: telegram(&reader),
            mail: mail(&reader),
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

    private static func telegram(_ reader: inout Reader) -> TelegramNotifier.Destination? {
        let url = reader.value("TELEGRAM_API_URL", standard: "https://api.telegram.org", webURL)
        let topic = reader.optional("TELEGRAM_TOPIC", number(in: 1...Int(Int32.max)))
        switch (reader.optional("TELEGRAM_TOKEN", botToken), reader.optional("TELEGRAM_CHAT", chat)) {
        case (let token?, let chat?): return .init(token: Secret(token), chat: chat, topic: topic, url: url)
        case (.some, nil) where reader.text("TELEGRAM_CHAT") == nil:
            reader.reject("TELEGRAM_TOKEN is set, but TELEGRAM_CHAT is not")
        case (nil, .some) where reader.text("TELEGRAM_TOKEN") == nil:
            reader.reject("TELEGRAM_CHAT is set, but TELEGRAM_TOKEN is not")
        default: break
        }
        return nil
    }

    private static func mail(_ reader: inout Reader) -> MailNotifier.Destination? {
        let security = reader.value("SMTP_SECURITY", standard: MailServer.Security.starttls) {
            MailServer.Security(rawValue: $0.lowercased())
        }
        let endpoint = reader.optional("SMTP_HOST") { ProbeEndpoint($0, standardPort: security.standardPort) }
        let (name, password) = (reader.text("SMTP_USERNAME"), reader.secret("SMTP_PASSWORD"))
        let from = reader.optional("SMTP_FROM", mailAddress) ?? name.flatMap(mailAddress)
        let to = reader.list("SMTP_TO", mailAddress)
        guard reader.text("SMTP_HOST") != nil else {
            let others = ["SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_FROM", "SMTP_TO"].filter { reader.text($0) != nil }
            if let other = others.first { reader.reject("\(other) is set, but SMTP_HOST is not") }
            return nil
        }
        if reader.text("SMTP_TO") == nil { reader.reject("SMTP_HOST is set, but SMTP_TO is not") }
        if reader.text("SMTP_FROM") == nil, from == nil { reader.reject("SMTP_HOST is set, but SMTP_FROM is not") }
        if (name == nil) != (password == nil) {
            let (set, missing) = name == nil ? ("PASSWORD", "USERNAME") : ("USERNAME", "PASSWORD")
            reader.reject("SMTP_\(set) is set, but SMTP_\(missing) is not")
        }
        if security == .off, password != nil {
            reader.reject("SMTP_SECURITY=off would send SMTP_PASSWORD in the clear; use starttls or tls")
        }
        guard let endpoint, let from, !to.isEmpty else { return nil }
        let login = name.flatMap { name in password.map { MailServer.Login(name: name, password: $0) } }
        return MailNotifier.Destination(server: MailServer(endpoint, security, login: login), from: from, to: to)
    }

    private static func levels(_ reader: inout Reader) -> [String: NoticeLevel] {
        let names = [
            "slack": "SLACK_LEVEL", "webhook": "LANDFALL_WEBHOOK_LEVEL", "ntfy": "NTFY_LEVEL",
            "discord": "DISCORD_LEVEL", "gotify": "GOTIFY_LEVEL", "telegram": "TELEGRAM_LEVEL", "mail": "SMTP_LEVEL",
            "command": "LANDFALL_NOTIFY_LEVEL",
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

/// A bot's token, which becomes a part of URLs.
private func botToken(_ text: String) -> String? {
    text.split(separator: ":").allSatisfy { isPlain(String($0)) } ? text : nil
}

/// A chat's number, or a channel's name with its `@`.
private func chat(_ text: String) -> String? {
    Int64(text) != nil || (text.hasPrefix("@") && text.utf8.count > 1 && isPlain(String(text.dropFirst()))) ? text : nil
}

/// An e-mail address that any mail server understands: without quotation and in ASCII, its domain too.
private func mailAddress(_ text: String) -> String? {
    guard let address = emailAddress(text), let at = address.firstIndex(of: "@") else { return nil }
    let name = address[..<at]
    let isPlain = name.utf8.allSatisfy { (0x21..<0x7F).contains($0) && !"()<>[]:;\\,@\"".utf8.contains($0) }
    return isPlain ? domainName(String(address[at...].dropFirst())).map { "\(name)@\($0)" } : nil
}
