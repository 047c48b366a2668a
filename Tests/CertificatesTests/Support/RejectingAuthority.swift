import FoundationEssentials
import HTTPServer
import Synchronization

/// An ACME directory (RFC 8555 §7.1) that registers accounts and answers every order alike.
final class RejectingAuthority: Sendable {
    let server: HTTPServer
    private let counter: Counter

    private final class Counter: Sendable { let orders = Mutex(0) }

    var url: String { "http://127.0.0.1:\(server.port)/dir" }
    /// How many orders it was asked for.
    var orders: Int { counter.orders.withLock(\.self) }

    /// - Parameter detail: of the problem document (RFC 8555 §6.7); nil: it answers with a page of HTML.
    init(status: Int, kind: String = "", detail: String? = nil) throws {
        let counter = Counter()
        self.counter = counter
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0)) { request in
            let origin = "http://\(request.headers["host"] ?? "")"
            var response: ServerResponse
            switch request.path {
            case "/dir":
                let names = ["newNonce", "newAccount", "newOrder", "revokeCert", "keyChange"]
                response = .json(Dictionary(uniqueKeysWithValues: names.map { ($0, "\(origin)/\($0)") }))
            case "/newAccount":
                response = .json(["status": "valid"], status: 201)
                response.headers["Location"] = "\(origin)/account/1"
            case "/newOrder":
                counter.orders.withLock { $0 += 1 }
                response = Self.refusal(status, kind, detail)
            default: response = .text("")
            }
            response.headers["Replay-Nonce"] = "bm9uY2U"
            return response
        }
    }

    private static func refusal(_ status: Int, _ kind: String, _ detail: String?) -> ServerResponse {
        guard let detail else { return .text("<h1>\(status)</h1>", status: status, type: "text/html") }
        var response = ServerResponse.json(
            ["type": "urn:ietf:params:acme:error:\(kind)", "detail": detail],
            status: status
        )
        response.headers["Content-Type"] = "application/problem+json"
        return response
    }
}
