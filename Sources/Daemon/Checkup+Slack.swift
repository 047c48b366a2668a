import Configuration
import FoundationEssentials
import Model
import Notices
import Transport

extension Checkup {
    /// Nil without a bot: a webhook cannot be asked anything without a message.
    func checkSlack() async -> Finding? {
        guard case .bot(let token, let channel, _, _, let url) = configuration.notices.slack else { return nil }
        let fix =
            "make a bot token with chat:write at https://api.slack.com/apps, set SLACK_TOKEN, and invite it to \(channel)"
        return await finding("Slack", fix: fix) {
            let headers = [HTTPHeader("Authorization", secret: "Bearer " + token.revealed)]
            let response = try await transport.send(
                HTTPRequest(.get, url + "/auth.test", headers: headers),
                for: .notice
            )
            guard let answer = try? JSONDecoder().decode(Identity.self, from: Data(response.body)) else {
                throw Unfit(description: "it answered \(response.status), and not as Slack does")
            }
            guard answer.ok else {
                throw Unfit(description: "it refuses the token: \(oneLine(answer.error ?? "no reason"))")
            }
            return
                "\(oneLine(answer.user ?? "a bot", limit: 80)) of \(oneLine(answer.team ?? "a team", limit: 80)), for \(channel)"
        }
    }

    /// https://docs.slack.dev/reference/methods/auth.test
    private struct Identity: Decodable {
        let ok: Bool
        let error: String?
        let user: String?
        let team: String?
    }
}
