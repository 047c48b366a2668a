import FoundationEssentials
import Model
import Ports

extension HTTPTransport {
    /// Posts JSON for a notice; what kept it from being answered becomes the notifier's error.
    func postJSON(
        _ body: some Encodable,
        to url: String,
        headers: [HTTPHeader] = [],
        for scope: Scope
    ) async throws(NotifierError) -> HTTPResponse {
        try await post(
            try .json(of: body),
            to: url,
            headers: headers + [HTTPHeader("Content-Type", "application/json; charset=utf-8")],
            for: scope
        )
    }

    func post(
        _ body: [UInt8],
        to url: String,
        headers: [HTTPHeader],
        for scope: Scope
    ) async throws(NotifierError) -> HTTPResponse {
        let request = HTTPRequest(
            .post,
            url,
            headers: headers,
            body: body,
            timeLimit: .seconds(8),
            bodyLimit: 64 << 10
        )
        do throws(TransportError) {
            return try await send(request, for: scope)
        } catch {
            throw .unavailable("\(error)")
        }
    }
}

extension [UInt8] {
    static func json(of value: some Encodable) throws(NotifierError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { throw .unacceptable("the notice cannot be encoded") }
        return [UInt8](data)
    }
}

extension HTTPResponse {
    /// `Retry-After` in seconds (RFC 9110 §10.2.3); its other form, a date, is not used where this is asked.
    var pause: Duration { .seconds(headers["retry-after"].flatMap(Int.init).map { min(max($0, 1), 86_400) } ?? 60) }

    /// What the status means (RFC 9110 §15) to one who sends notices.
    ///
    /// - Parameter who: answers, for the error's text.
    func check(_ who: String) throws(NotifierError) {
        let text = "\(who) answers \(status)"
        switch status {
        case 200..<300: return
        case 429: throw .tooSoon(after: pause)
        case 503 where headers["retry-after"] != nil: throw .tooSoon(after: pause)
        case 400, 413, 422: throw .unacceptable(text)
        case 408, 500...: throw .unavailable(text)
        default: throw .refused(text)
        }
    }
}
