import HTTPServer
import Configuration
import Model
import Notices
import Ports

extension DependencyCheck {
    /// Verifies the Slack token. For the other notifiers only a real notice could tell whether they work.
    func checkNotices() async -> [Finding] {
        let notices = configuration.notices
        let others = [
            ("webhook", notices.webhook != nil), ("ntfy", notices.ntfy != nil), ("Discord", notices.discord != nil),
            ("Gotify", notices.gotify != nil), ("notify command", notices.command != nil),
            ("heartbeat", notices.heartbeat != nil),
        ]
        return await [checkSlack()].compactMap(\.self)
            + others.filter(\.1).map { Finding($0.0, .ok, "configured") }
    }

    private func checkSlack() async -> Finding? {
        guard let slack = configuration.notices.slack else { return nil }
        let fix =
            "create a bot token with chat:write at https://api.slack.com/apps, set SLACK_TOKEN, and invite the bot to the channel"
        return await finding("Slack", fix: fix) { try await SlackNotifier(slack, transport: transport).verify() }
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
