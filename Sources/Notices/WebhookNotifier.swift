public import Model
public import Transport

/// Any service that takes JSON: `title`, `message`, `level` (`info`, `warning`, `error`) and `hosts`.
public struct WebhookNotifier: Notifier {
    public let name = "webhook"
    /// May hold a token.
    private let url: Secret
    private let transport: any HTTPTransport

    public init(url: Secret, transport: any HTTPTransport) {
        (self.url, self.transport) = (url, transport)
    }

    public func deliver(_ message: Message) async throws(NotifierError) {
        let post = Post(
            title: message.title,
            message: message.lines.map(\.marked).joined(separator: "\n"),
            level: message.level,
            hosts: message.hosts
        )
        let response = try await transport.post(post, to: url.revealed)
        switch response.status {
        case 200..<300: return
        case 429: throw .tooSoon(after: response.pause)
        case 500...: throw .unavailable("the webhook answers \(response.status)")
        default: throw .refused("the webhook answers \(response.status)")
        }
    }

    private struct Post: Encodable {
        let title: String
        let message: String
        let level: NoticeLevel
        let hosts: [DomainName]
    }
}
