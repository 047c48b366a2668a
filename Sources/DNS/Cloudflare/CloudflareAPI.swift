import Model
import Ports

/// One exchange with the API: credentials, budget, envelope, and the one safe repetition.
struct CloudflareAPI: Sendable {
    /// Far more than a page of 5,000 usual records, yet nothing that fills a memory.
    private static let longestAnswer = 32 << 20

    let credentials: CloudflareCredentials
    let url: String
    let transport: any HTTPTransport
    let clock: any Clock
    let budget: CloudflareBudget

    init(_ credentials: CloudflareCredentials, url: String, transport: any HTTPTransport, clock: any Clock) {
        (self.credentials, self.url, self.transport, self.clock) = (credentials, url, transport, clock)
        budget = CloudflareBudget(of: CloudflareProvider.title, clock: clock)
    }

    /// Asked again once after a fault that passes quickly: a read changes nothing.
    func get<Value: Decodable & Sendable>(
        _ path: String,
        _ purpose: RequestWindow.Purpose = .reading,
        for scope: Scope
    ) async throws(CloudflareError) -> CloudflareEnvelope<Value> {
        do throws(CloudflareError) {
            return try await exchange(.get, path, nil, purpose, for: scope)
        } catch .unavailable(let reason, retryAfter: let pause?) where pause <= CloudflareBudget.shortRest {
            guard (try? await clock.sleep(for: pause)) != nil else { throw .unavailable(reason, retryAfter: nil) }
            return try await exchange(.get, path, nil, purpose, for: scope)
        } catch .throttled(_, let rest) where rest <= CloudflareBudget.shortRest {
            return try await exchange(.get, path, nil, purpose, for: scope)
        }
    }

    /// Repeated only when the API turned it away unread: otherwise the write may have been made. The next run reads what is.
    func write<Value: Decodable & Sendable>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: (some Encodable)? = String?.none,
        for scope: Scope
    ) async throws(CloudflareError) -> Value {
        // The same body for the same value: a replay finds the answer by it.
        let bytes: [UInt8]?
        do {
            bytes = try body.map { try encodeJSON($0) }
        } catch {
            throw .unavailable("the request cannot be written as JSON", retryAfter: nil)
        }
        do throws(CloudflareError) {
            return try await exchange(method, path, bytes, .urgent, for: scope).result
        } catch .throttled(_, let rest) where rest <= CloudflareBudget.shortRest {
            return try await exchange(method, path, bytes, .urgent, for: scope).result
        }
    }
}

extension CloudflareAPI {
    private func exchange<Value: Decodable & Sendable>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: [UInt8]?,
        _ purpose: RequestWindow.Purpose,
        for scope: Scope
    ) async throws(CloudflareError) -> CloudflareEnvelope<Value> {
        var headers = credentials.headers
        if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        let request = HTTPRequest(method, url + path, headers: headers, body: body, bodyLimit: Self.longestAnswer)
        try await budget.pass(for: purpose)
        let response: HTTPResponse
        do {
            response = try await transport.send(request, for: scope)
        } catch {
            throw .unreached(error)
        }
        try budget.observe(response)
        if let error = CloudflareError(passing: response) { throw error }
        return try Self.decode(response)
    }

    private static func decode<Value: Decodable & Sendable>(
        _ response: HTTPResponse
    ) throws(CloudflareError) -> CloudflareEnvelope<Value> {
        let answer: CloudflareAnswer<Value>
        do {
            answer = try decodeJSON(from: response.body)
        } catch {
            let excerpt = sanitized(String(outside: response.body.prefix(400)), limit: 80)
            throw .unavailable("answered \(response.status) with what is not its JSON: \(excerpt)", retryAfter: nil)
        }
        switch answer {
        case .success(let envelope): return envelope
        case .failure(let messages): throw .refused(status: response.status, messages)
        }
    }
}

/// The envelope of every answer: `{success, errors, messages, result, result_info}`.
enum CloudflareAnswer<Value: Decodable & Sendable>: Decodable {
    case success(CloudflareEnvelope<Value>)
    case failure([CloudflareMessage])

    private enum CodingKeys: String, CodingKey {
        case success, errors, result
        case pages = "result_info"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if try container.decode(Bool.self, forKey: .success) {
            self = .success(
                CloudflareEnvelope(
                    result: try container.decode(Value.self, forKey: .result),
                    pages: try container.decodeIfPresent(CloudflarePages.self, forKey: .pages)
                )
            )
        } else {
            self = .failure(try container.decodeIfPresent([CloudflareMessage].self, forKey: .errors) ?? [])
        }
    }
}

struct CloudflareEnvelope<Value: Decodable & Sendable>: Sendable {
    let result: Value
    let pages: CloudflarePages?
}

struct CloudflarePages: Decodable, Sendable {
    /// Of items on all pages.
    let total: Int
    /// Items on a page that is full.
    let size: Int?

    private enum CodingKeys: String, CodingKey {
        case total = "total_count"
        case size = "per_page"
    }
}

struct CloudflareMessage: Decodable, Hashable, Sendable {
    let code: Int
    let message: String
    /// What lies behind it, e.g. which field is wrong.
    let chain: [CloudflareMessage]?

    private enum CodingKeys: String, CodingKey {
        case code, message
        case chain = "error_chain"
    }
}
