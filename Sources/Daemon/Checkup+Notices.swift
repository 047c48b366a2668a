import Configuration
import Notices
import Timing

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
            + others.filter(\.1).map { Finding(subject: $0.0, isGood: true, finding: "configured") }
    }

    private func checkSlack() async -> Finding? {
        guard let slack = configuration.notices.slack else { return nil }
        return await finding("Slack") { try await SlackNotifier(slack, transport: transport).verify() }
    }
}
