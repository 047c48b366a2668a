import Configuration
import Notices

extension Checkup {
    /// Asks Slack whose token it is. Whether the others would take a notice only a notice could show.
    func checkNotices() async -> [Finding] {
        let notices = configuration.notices
        let others = [
            ("webhook", notices.webhook != nil), ("ntfy", notices.ntfy != nil), ("Discord", notices.discord != nil),
            ("Gotify", notices.gotify != nil), ("notify command", notices.command != nil),
            ("heartbeat", notices.heartbeat != nil),
        ]
        return await [checkSlack()].compactMap(\.self)
            + others.filter(\.1).map { Finding($0.0, isGood: true, "configured") }
    }

    private func checkSlack() async -> Finding? {
        guard let slack = configuration.notices.slack else { return nil }
        let fix =
            "make a bot token with chat:write at https://api.slack.com/apps, set SLACK_TOKEN, and invite the bot to the channel"
        return await finding("Slack", fix: fix) { try await SlackNotifier(slack, transport: transport).verify() }
    }
}
