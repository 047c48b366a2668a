import FoundationEssentials
package import HTTPServer
package import Ports
import Timing

/// Takes whatever is posted to it; what came is in its log. Some of its paths answer as services do.
package final class WebhookEmulator: Emulator {
    /// A topic of ntfy (https://docs.ntfy.sh/publish/).
    package static let ntfyPath = "/ntfy/landfall"
    /// A webhook of Discord (https://discord.com/developers/docs/resources/webhook#execute-webhook).
    package static let discordPath = "/api/webhooks/1/token"
    /// A Gotify server (https://gotify.net/api-docs#/message/createMessage).
    package static let gotifyPath = "/gotify"

    /// Telegram's Bot API, of which `123:ABC` is a bot's token.
    package static let telegramPath = "/telegram"

    private let injector: FaultInjector

    package init(clock: any Clock = SystemClock()) {
        injector = FaultInjector(clock: clock) { status, _, message in .text(message, status: status) }
    }

    package var name: EmulatorName { .webhook }
    package var handler: HTTPServer.Handler { { request in await self.answer(request) } }
    package var log: RequestLog { injector.log }
    package var faults: Faults { injector.faults }

    /// The bodies of what was taken, in the order it came.
    package var bodies: [String] {
        log.requests.filter { $0.method == "POST" && [200, 204].contains($0.status) }.map(\.body)
    }

    private func answer(_ request: ServerRequest) async -> ServerResponse {
        await injector.serve(request) {
            if request.path.hasPrefix(Self.telegramPath + "/") {
                return TelegramAPI.answer(request.path.dropFirst(Self.telegramPath.count), request)
            }
            // A heartbeat is asked for.
            if request.method == "GET" { return .text("OK") }
            guard request.method == "POST" else { return .text("method not allowed", status: 405) }
            return switch request.path {
            case Self.ntfyPath: Self.ntfy(request)
            case Self.discordPath: Self.discord(request)
            case Self.gotifyPath + "/message": Self.gotify(request)
            default: .text("ok")
            }
        }
    }

    private static func ntfy(_ request: ServerRequest) -> ServerResponse {
        // What is longer would become an attachment.
        request.body.count > 4096 ? .text("{}", status: 413) : .text(#"{"event":"message"}"#)
    }

    private static func discord(_ request: ServerRequest) -> ServerResponse {
        struct Post: Decodable { let content: String }
        guard let post = try? JSONDecoder().decode(Post.self, from: Data(request.body)),
            (1...2000).contains(post.content.utf16.count)
        else { return .text(#"{"code":50035,"message":"Invalid Form Body"}"#, status: 400) }
        return ServerResponse(status: 204)
    }

    private static func gotify(_ request: ServerRequest) -> ServerResponse {
        struct Post: Decodable { let message: String }
        guard request.headers["x-gotify-key"] != nil else { return .text(#"{"error":"Unauthorized"}"#, status: 401) }
        guard let post = try? JSONDecoder().decode(Post.self, from: Data(request.body)), !post.message.isEmpty else {
            return .text(#"{"error":"Bad Request"}"#, status: 400)
        }
        return .text(#"{"id":1}"#)
    }
}
