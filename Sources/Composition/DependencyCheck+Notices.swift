import Configuration
import Glibc
import HTTPServer
import Model
import Notices
import Ports
import System
import Threads
import Transport

extension DependencyCheck {
    /// Verifies the logins of Slack, Telegram and mail, and whether the other notifiers can be reached. Nothing is posted, so
    /// that they take notices is known of none of them.
    func checkNotices() async -> [Finding] {
        let notices = configuration.notices
        async let slack = checkSlack()
        async let telegram = checkTelegram()
        async let mail = checkMail()
        async let others = concurrentMap(
            [
                ("webhook", notices.webhook?.revealed.origin, "LANDFALL_WEBHOOK_URL"),
                ("ntfy", notices.ntfy.map { $0.url.revealed.origin + "/v1/health" }, "NTFY_URL"),
                ("Discord", notices.discord?.revealed, "DISCORD_WEBHOOK_URL"),
                ("Gotify", notices.gotify.map { $0.url + "/health" }, "GOTIFY_URL"),
                ("heartbeat", notices.heartbeat?.revealed.origin, "LANDFALL_HEARTBEAT_URL"),
            ].filter { $0.1 != nil },
            atMost: 4
        ) { name, url, variable in await reach(name, url ?? "", variable) }
        return await [slack, telegram, mail].compactMap(\.self) + others
            + [checkCommand()].compactMap(\.self)
    }

    private func checkSlack() async -> Finding? {
        guard let slack = configuration.notices.slack else { return nil }
        if case .webhook(let url) = slack { return await reach("Slack", url.revealed.origin, "SLACK_WEBHOOK_URL") }
        do throws(NotifierError) {
            return Finding("Slack", .ok, try await SlackNotifier(slack, transport: transport).verify() ?? "")
        } catch {
            // Its refusals say what to do.
            if case .refused(let text) = error { return Finding("Slack", .failed, text) }
            return Finding("Slack", .failed, "\(error)", fix: "check SLACK_API_URL and the connection to it")
        }
    }

    /// Asks for what changes nothing, at an address without the secrets of the configured one where that can be.
    private func reach(_ name: String, _ url: String, _ variable: String) async -> Finding {
        let place = url.origin
        do throws(TransportError) {
            var request = HTTPRequest(.get, url, timeLimit: .seconds(8), bodyLimit: 64 << 10)
            request.cutsBody = true
            let response = try await transport.send(request, for: .notifier(name))
            // Discord tells of a webhook at the webhook's own address.
            guard name != "Discord" || response.status < 400 else {
                return Finding(
                    name,
                    .failed,
                    "\(place) answers \(response.status) for the webhook",
                    fix: "make a webhook in the channel's settings, and set DISCORD_WEBHOOK_URL"
                )
            }
            return Finding(
                name,
                .notTried,
                "\(place) answers; nothing was posted, so whether it takes notices is not known"
            )
        } catch {
            return Finding(
                name,
                .failed,
                "\(place) cannot be reached: \(error)",
                fix: "check \(variable) and the network"
            )
        }
    }

    private func checkCommand() -> Finding? {
        guard let command = configuration.notices.command else { return nil }
        guard canAccess(command.path, X_OK) else {
            let reason = systemErrorText(errno)
            let fix = "set LANDFALL_NOTIFY_COMMAND to a program that may be run"
            return Finding("notify command", .failed, "\(command.path) cannot be run: \(reason)", fix: fix)
        }
        return Finding("notify command", .notTried, "\(command.path) is there; it was not run, because it would post")
    }

    private func checkTelegram() async -> Finding? {
        guard let telegram = configuration.notices.telegram else { return nil }
        return await finding("Telegram") {
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

extension String {
    /// `https://hooks.example.net:8443` of a URL, without credentials, path and query.
    fileprivate var origin: String {
        guard let scheme = firstRange(of: "://") else { return self }
        let authority = self[scheme.upperBound...].prefix { !"/?#".contains($0) }
        return String(self[..<scheme.upperBound] + (authority.split(separator: "@").last ?? ""))
    }
}
