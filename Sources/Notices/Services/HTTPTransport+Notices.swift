import Model
import Ports

extension HTTPTransport {
    /// Posts JSON for a notice; a transport error becomes a notifier's error.
    func postJSON(
        _ body: some Encodable,
        to url: String,
        headers: [HTTPHeader] = [],
        for scope: Scope
    ) async throws(NotifierError) -> HTTPResponse {
        let headers = headers + [HTTPHeader("Content-Type", "application/json; charset=utf-8")]
        return try await exchange(.post, url, headers: headers, body: try .json(of: body), for: scope)
    }

    func exchange(
        _ method: HTTPRequest.Method,
        _ url: String,
        headers: [HTTPHeader] = [],
        body: [UInt8]? = nil,
        for scope: Scope
    ) async throws(NotifierError) -> HTTPResponse {
        let request = HTTPRequest(
            method,
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
        guard let bytes = try? encodeJSON(value) else { throw .unacceptable("the notice cannot be encoded") }
        return bytes
    }
}

extension HTTPResponse {
    /// The pause in `Retry-After`, in seconds (RFC 9110 §10.2.3); these services do not use its other form, a date.
    var pause: Duration { .seconds(headers["retry-after"].flatMap(Int.init).map { min(max($0, 1), 86_400) } ?? 60) }

    /// Throws the error that the status (RFC 9110 §15) of a service's answer means for a notice.
    /// - Parameters:
    ///   - quotesAnswer: whether the service's own words are passed on. They could repeat a secret in the URL.
    ///   - cure: what a person has to do if the service refuses for good.
    func check(_ service: String, quotesAnswer: Bool = true, cure: String) throws(NotifierError) {
        let words = quotesAnswer ? (try? decodeJSON(ServiceError.self, from: body))?.words : nil
        let text = "\(service) answers \(status)\(words.map { " (\($0))" } ?? "")"
        switch status {
        case 200..<300: return
        case 503 where headers["retry-after"] != nil, 429: throw .tooSoon(after: pause)
        case 400, 413, 422: throw .unacceptable(text)
        case 408, 500...: throw .unavailable(text)
        default: throw .refused("\(text); \(cure)")
        }
    }
}

/// What ntfy (`error`), Gotify (`errorDescription`) and Discord (`message`) answer with an error status.
private struct ServiceError: Decodable {
    let error: String?
    let errorDescription: String?
    let message: String?

    var words: String? { (errorDescription ?? error ?? message).map { sanitized($0, limit: 120) } }
}

extension String {
    /// The first whole lines whose size is at most `limit`, with a mark where lines are left out.
    func lines(within limit: Int, size: (String) -> Int) -> String {
        guard size(self) > limit else { return self }
        return split(into: limit - size("\n…"), size: size).first.map { $0 + "\n…" } ?? ""
    }

    /// Splits the text between lines into parts whose size is at most `limit`; a line that is longer is cut.
    func split(into limit: Int, size: (String) -> Int) -> [String] {
        var parts: [String] = []
        for line in split(separator: "\n").map({ String($0).cut(to: limit, size: size) }) {
            let joined = parts.last.map { $0 + "\n" + line }
            if let joined, size(joined) <= limit {
                parts[parts.count - 1] = joined
            } else {
                parts.append(line)
            }
        }
        return parts
    }

    private func cut(to limit: Int, size: (String) -> Int) -> String {
        var line = self
        while size(line) > limit { line.removeLast() }
        return line
    }
}
