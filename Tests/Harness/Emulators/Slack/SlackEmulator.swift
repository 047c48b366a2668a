import FoundationEssentials
package import HTTPServer
package import Model
package import Ports
import Synchronization
import Timing

/// Emulates Slack's Web API (`/api/chat.postMessage`, `/api/auth.test`) and one incoming webhook.
///
/// Rules: https://docs.slack.dev/reference/methods/chat.postMessage: HTTP 200 with `ok:false` for errors, 429 with
/// `Retry-After` past the rate of one message per second and channel; https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
package final class SlackEmulator: Emulator {
    /// Where clients find the API on the emulator's server.
    package static let basePath = "/api"
    /// The incoming webhook.
    package static let webhookPath = "/services/T000/B000/landfall"

    private struct State {
        var messages: [SlackMessage] = []
        var sent = 0
        var settings = SlackSettings()
        /// When a channel was last written to.
        var last: [String: Duration] = [:]
    }

    private let state = Mutex(State())
    private let token: Secret
    private let channels: Set<String>
    private let injector: FaultInjector

    package init(token: Secret, channels: Set<String>, clock: any Clock = SystemClock()) {
        (self.token, self.channels) = (token, channels)
        injector = FaultInjector(clock: clock) { status, _, message in .slack(error: message, status: status) }
    }

    package var name: EmulatorName { .slack }
    package var handler: HTTPServer.Handler { { request in await self.answer(request) } }
    package var log: RequestLog { injector.log }
    package var faults: Faults { injector.faults }

    /// In the order they came.
    package var messages: [SlackMessage] { state.withLock(\.messages) }

    package func clearMessages() { state.withLock { $0.messages = [] } }

    package var settings: SlackSettings {
        get { state.withLock(\.settings) }
        set {
            state.withLock { $0.settings = newValue }
            injector.latency = newValue.latency
        }
    }

    private func answer(_ request: ServerRequest) async -> ServerResponse {
        await injector.serve(request) {
            switch (request.method, request.path) {
            case ("POST", Self.basePath + "/chat.postMessage"): post(request)
            case (_, Self.basePath + "/auth.test"): identify(request)
            case ("POST", Self.webhookPath): receive(request)
            case (_, Self.webhookPath): .text("invalid_payload", status: 400)
            case (_, let path) where path.hasPrefix("/services/"): .text("no_service", status: 404)
            default: .slack(error: "unknown_method")
            }
        }
    }

    /// Nil when the token is the right one.
    private func refuse(_ request: ServerRequest) -> ServerResponse? {
        guard let authorization = request.headers["authorization"] else { return .slack(error: "not_authed") }
        return authorization == "Bearer " + token.revealed ? nil : .slack(error: "invalid_auth")
    }

    private func identify(_ request: ServerRequest) -> ServerResponse {
        refuse(request) ?? .json(SlackAnswer(ok: true, team: "Emulated", user: "landfall"))
    }

    private func post(_ request: ServerRequest) -> ServerResponse {
        if let refusal = refuse(request) { return refusal }
        guard request.headers["content-type"]?.hasPrefix("application/json") == true,
            let draft = try? JSONDecoder().decode(SlackDraft.self, from: Data(request.body))
        else { return .slack(error: "invalid_form_data") }
        guard let channel = draft.channel, channels.contains(channel) else {
            return .slack(error: "channel_not_found")
        }
        guard let text = draft.text, !text.isEmpty else { return .slack(error: "no_text") }
        guard text.count <= 40_000 else { return .slack(error: "msg_too_long") }
        if let wait = admit(to: channel) {
            var response = ServerResponse.slack(error: "ratelimited", status: 429)
            response.headers["Retry-After"] = String(wait)
            return response
        }
        let message = keep(draft, text)
        return .json(SlackAnswer(ok: true, channel: channel, ts: message.ts, message: message))
    }

    private func receive(_ request: ServerRequest) -> ServerResponse {
        guard let draft = try? JSONDecoder().decode(SlackDraft.self, from: Data(request.body)) else {
            return .text("invalid_payload", status: 400)
        }
        guard let text = draft.text, !text.isEmpty else { return .text("no_text", status: 400) }
        _ = keep(draft, text)
        return .text("ok")
    }

    private func keep(_ draft: SlackDraft, _ text: String) -> SlackMessage {
        let seconds = injector.clock.now.seconds
        return state.withLock { state in
            state.sent += 1
            let number = String(state.sent)
            let message = SlackMessage(
                ts: "\(seconds).\(String(repeating: "0", count: max(0, 6 - number.count)))\(number)",
                channel: draft.channel,
                text: text,
                username: draft.username,
                iconEmoji: draft.iconEmoji,
                iconURL: draft.iconURL,
                metadata: draft.metadata
            )
            state.messages.append(message)
            return message
        }
    }

    /// How many seconds to wait before the channel takes the next message.
    private func admit(to channel: String) -> Int? {
        let now = injector.clock.uptime
        return state.withLock { state in
            if let last = state.last[channel], now - last < state.settings.gap {
                return max(1, Int((state.settings.gap - (now - last)).components.seconds))
            }
            state.last[channel] = now
            return nil
        }
    }
}

extension ServerResponse {
    fileprivate static func slack(error: String, status: Int = 200) -> ServerResponse {
        .json(SlackAnswer(ok: false, error: error), status: status)
    }
}

private struct SlackIdentity: Encodable {
    let ok = true
    let user = "landfall"
    let team = "Emulated"
}
