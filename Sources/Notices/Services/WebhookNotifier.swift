import Crypto
package import Model
package import Ports

/// Any service that takes JSON (`NoticeDocument`). With a secret, the header `X-Landfall-Signature` holds `sha256=` and the
/// HMAC-SHA-256 of the body as it was sent, in lower-case hexadecimal.
package struct WebhookNotifier: Notifier {
    package let name = "webhook"
    /// May contain a token.
    private let url: Secret
    private let secret: Secret?
    private let transport: any HTTPTransport

    package init(url: Secret, secret: Secret? = nil, transport: any HTTPTransport) {
        (self.url, self.secret, self.transport) = (url, secret, transport)
    }

    package func deliver(_ notice: Notice) async throws(NotifierError) {
        let body: [UInt8] = try .json(of: NoticeDocument(notice))
        var headers = [HTTPHeader("Content-Type", "application/json; charset=utf-8")]
        if let secret {
            let signature = "sha256=" + Digest.hmac(body, key: secret.revealed)
            headers.append(HTTPHeader("X-Landfall-Signature", signature))
        }
        let response = try await transport.exchange(.post, url.revealed, headers: headers, body: body, for: scope)
        try response.check("the webhook", quotesAnswer: false, cure: "check LANDFALL_WEBHOOK_URL and what it leads to")
    }
}

/// A notice as programs get it, as JSON.
struct NoticeDocument: Encodable {
    struct Event: Encodable {
        let kind: Message.Line.Kind
        let text: String
    }

    /// The same however often the notice is delivered.
    let id: String
    let time: Timestamp
    let title: String
    /// All events as plain text, one line each.
    let message: String
    let level: NoticeLevel
    let hosts: [DomainName]
    let events: [Event]

    init(_ notice: Notice) {
        (id, time, title) = (notice.id, notice.time, notice.message.title)
        (message, level, hosts) = (notice.message.text, notice.message.level, notice.message.hosts)
        events = notice.message.lines.map { Event(kind: $0.kind, text: $0.text) }
    }
}
