public import Model
public import Ports

/// Any service that takes JSON (`NoticeDocument`).
///
/// With a secret, the header `X-Landfall-Signature` holds `sha256=` and the HMAC-SHA-256 of the body as it was sent, in
/// lower-case hexadecimal.
public struct WebhookNotifier: Notifier {
    public let name = "webhook"
    /// May hold a token.
    private let url: Secret
    private let secret: Secret?
    private let transport: any HTTPTransport

    public init(url: Secret, secret: Secret? = nil, transport: any HTTPTransport) {
        (self.url, self.secret, self.transport) = (url, secret, transport)
    }

    @discardableResult
    public func deliver(_ notice: Notice, in thread: String?) async throws(NotifierError) -> Receipt {
        let body: [UInt8] = try .json(of: NoticeDocument(notice))
        var headers = [HTTPHeader("Content-Type", "application/json; charset=utf-8")]
        if let secret {
            let signature = "sha256=" + Digest.hmac(body, key: secret.revealed)
            headers.append(HTTPHeader("X-Landfall-Signature", signature))
        }
        let response = try await transport.post(body, to: url.revealed, headers: headers, for: scope)
        try response.check("the webhook")
        return Receipt()
    }
}
