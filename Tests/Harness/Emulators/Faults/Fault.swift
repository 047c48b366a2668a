/// A fault that an emulator shows on request. What is nil matches every request.
package struct Fault: Sendable, Hashable, Codable {
    package enum Effect: Sendable, Hashable, Codable {
        /// No answer, until the client gives up.
        case hang
        /// An answer that is not the service's own.
        case answer(status: Int, type: String, body: String, location: String?)
        /// An error in the service's own words: Cloudflare's envelope with `code`, Slack's `ok:false` with `message`.
        ///
        /// - Parameter retryAfter: seconds; a 429 says 1 by itself.
        case error(status: Int, code: Int, message: String, retryAfter: Int? = nil)
        /// The work is done, but the answer is lost on its way: a gateway's 502.
        case lostAnswer
        /// The work is done, but only the first half of the answer comes.
        case truncated
        /// The connection ends without an answer, and nothing is done.
        case reset
        /// The right answer, but late.
        case slow(Duration)
        /// A page of a list is not what it should be.
        case page(PageFault)
    }

    package var method: String?
    /// A part of the path.
    package var path: String?
    /// The name of a record that the request is about.
    package var host: String?
    /// So many requests that match are served well before.
    package var after: Int?
    /// How often it happens; nil until it is cleared.
    package var times: Int?
    package var effect: Effect

    package init(
        _ effect: Effect,
        method: String? = nil,
        path: String? = nil,
        host: String? = nil,
        after: Int? = nil,
        times: Int? = nil
    ) {
        self.effect = effect
        self.method = method
        self.path = path
        self.host = host
        self.after = after
        self.times = times
    }

    func matches(method: String, path: String, hosts: Set<String>) -> Bool {
        if let wanted = self.method, wanted != method { return false }
        if let part = self.path, !path.contains(part) { return false }
        if let host, !hosts.contains(host) { return false }
        return true
    }
}

/// What is wrong with a page of a list.
package enum PageFault: Sendable, Hashable, Codable {
    /// So many of its items are missing, and neither its counts nor the total show it.
    case short(by: Int)
    /// It brings the first page's items once more.
    case repeated
    /// It tells other totals than there are.
    case totals(count: Int, pages: Int)
}

extension Fault.Effect {
    package static func html(status: Int) -> Fault.Effect {
        .answer(
            status: status,
            type: "text/html",
            body: "<!DOCTYPE html>\n<html><head><title>\(status)</title></head><body>Error \(status)</body></html>\n",
            location: nil
        )
    }

    /// What hotels and airports answer with instead.
    package static let captivePortal = Fault.Effect.answer(
        status: 200,
        type: "text/html",
        body:
            "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Please log in: 203.0.113.1</body></html>\n",
        location: nil
    )

    package static func text(_ body: String) -> Fault.Effect {
        .answer(status: 200, type: "text/plain", body: body, location: nil)
    }

    package static func redirect(to location: String) -> Fault.Effect {
        .answer(status: 302, type: "text/html", body: "", location: location)
    }
}
