import FoundationEssentials
import Model
import Transport

extension HTTPTransport {
    /// Posts JSON for a notice; what kept it from being answered becomes the notifier's error.
    func post(
        _ body: some Encodable,
        to url: String,
        headers: [HTTPHeader] = []
    ) async throws(NotifierError) -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(body) else { throw .refused("the message cannot be encoded") }
        let request = HTTPRequest(
            .post,
            url,
            headers: headers + [HTTPHeader("Content-Type", "application/json; charset=utf-8")],
            body: Array(data),
            timeLimit: .seconds(8),
            bodyLimit: 64 << 10
        )
        do throws(TransportError) {
            return try await send(request, for: .notice)
        } catch {
            throw .unavailable("\(error)")
        }
    }
}

extension HTTPResponse {
    /// `Retry-After` in seconds (RFC 9110 §10.2.3); its other form, a date, is not used where this is asked.
    var pause: Duration { .seconds(headers["retry-after"].flatMap(Int.init).map { min(max($0, 1), 86_400) } ?? 60) }
}
