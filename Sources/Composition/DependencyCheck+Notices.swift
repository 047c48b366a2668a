import HTTPServer
import Configuration
import Model
import Notices
import Ports
import Transport

extension DependencyCheck {
    /// Verifies the logins of Slack, Telegram and mail. For the other notifiers only a real notice could tell whether they
    /// work.
    func checkNotices() async -> [Finding] {
        let notices = configuration.notices
        let others = [
            ("webhook", notices.webhook != nil), ("ntfy", notices.ntfy != nil), ("Discord", notices.discord != nil),
            ("Gotify", notices.gotify != nil), ("notify command", notices.command != nil),
            ("heartbeat", notices.heartbeat != nil),
        ]
        return await [checkSlack(), checkTelegram(), checkMail()].compactMap(\.self)
            + others.filter(\.1).map { Finding($0.0, .ok, "configured") }
    }

    private func checkSlack() async -> Finding? {
        guard let slack = configuration.notices.slack else { return nil }
        let fix =
            "create a bot token with chat:write at https://api.slack.com/apps, set SLACK_TOKEN, and invite the bot to the channel"
        return await finding("Slack", fix: fix) { try await SlackNotifier(slack, transport: transport).verify() }
    }

    private func checkTelegram() async -> Finding? {
        guard let telegram = configuration.notices.telegram else { return nil }
        let fix =
            "get a token from @BotFather, set TELEGRAM_TOKEN, and add the bot to the chat that TELEGRAM_CHAT names"
        return await finding("Telegram", fix: fix) {
            try await TelegramNotifier(telegram, transport: transport).verify()
        }
    }

    private func checkMail() async -> Finding? {
        guard let mail = configuration.notices.mail else { return nil }
        return await finding("mail", fix: "set SMTP_HOST, SMTP_SECURITY and the login to what the mail server takes") {
            try await CurlMailClient(authorities: configuration.authorities).verify(mail.server)
            let login = mail.server.login.map { "accepts the login of \($0.name)" } ?? "answers"
            return sanitized("\(mail.server.endpoint) \(login); for \(mail.to.joined(separator: ", "))")
        }
    }

    /// Checks that the status page's port is free. Nil if the page is off or on a Unix socket, which a try would create.
    func checkStatusPage() async -> Finding? {
        guard case .tcp(let address, let port) = configuration.listen.kind else { return nil }
        let place = configuration.listen.description
        let socket = Peer.unixSocket(path: configuration.socketPath)
        let health = try? await transport.send(HTTPRequest(.get, "http://landfall/healthz", peer: socket), for: .run)
        if health?.status == 200 {
            return Finding("status page", .ok, "\(place), configured for the running daemon")
        }
        return await finding("status page", fix: "set LANDFALL_LISTEN to a free address and port, or to off") {
            // It listens for a moment only and answers nothing.
            try HTTPServer(listening: .tcp(address: address, port: port)) { _ in .hangUp }.stop()
            return "\(place) is free"
        }
    }
}
