package import Model
package import Ports

/// ntfy (https://docs.ntfy.sh/publish/): the text as the body, the rest in headers.
package struct NtfyNotifier: Notifier {
    package struct Destination: Sendable {
        /// Contains the topic, which works as a password.
        package let url: Secret
        package let token: Secret?

        package init(url: Secret, token: Secret?) { (self.url, self.token) = (url, token) }
    }

    /// A longer body becomes an attachment (https://docs.ntfy.sh/publish/#limitations).
    private static let byteLimit = 4096

    package let name = "ntfy"
    private let destination: Destination
    private let transport: any HTTPTransport

    package init(_ destination: Destination, transport: any HTTPTransport) {
        (self.destination, self.transport) = (destination, transport)
    }

    package func deliver(_ notice: Notice) async throws(NotifierError) {
        let message = notice.message
        var headers = [
            HTTPHeader("Content-Type", "text/plain; charset=utf-8"), HTTPHeader("Title", message.title),
            HTTPHeader("Priority", priority(of: message.level)), HTTPHeader("Tags", tag(of: message)),
        ]
        if let token = destination.token {
            headers.append(HTTPHeader("Authorization", secret: "Bearer " + token.revealed))
        }
        let text = message.lines.isEmpty ? message.title : message.text.lines(within: Self.byteLimit) { $0.utf8.count }
        let (url, body) = (destination.url.revealed, Array(text.utf8))
        try await transport.exchange(.post, url, headers: headers, body: body, for: scope)
            .check("ntfy", cure: "check the topic in NTFY_URL, and that NTFY_TOKEN may write to it")
    }

    /// From 1 to 5; 3 is the default (https://docs.ntfy.sh/publish/#message-priority).
    private func priority(of level: NoticeLevel) -> String {
        switch level {
        case .info: "3"
        case .warning: "4"
        case .error: "5"
        }
    }

    /// An emoji's name (https://docs.ntfy.sh/emojis/).
    private func tag(of message: Message) -> String {
        switch message.level {
        case .info: message.lines.contains { $0.kind == .recovery } ? "white_check_mark" : "anchor"
        case .warning: "warning"
        case .error: "rotating_light"
        }
    }
}
