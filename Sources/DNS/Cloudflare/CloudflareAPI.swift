import FoundationEssentials
import Model
import Timing
import Transport

/// One exchange with the API: credentials, envelope, the one safe repetition, and pages.
struct CloudflareAPI: Sendable {
    let credentials: CloudflareCredentials
    let url: String
    let transport: any HTTPTransport
    let clock: any Clock

    /// Asked again once after a fault that passes quickly: a read changes nothing.
    func get<Value: Decodable & Sendable>(
        _ path: String,
        for scope: Scope
    ) async throws(CloudflareError) -> CloudflareEnvelope<Value> {
        do throws(CloudflareError) {
            return try await exchange(.get, path, nil, for: scope)
        } catch .unavailable(let reason, retryAfter: let pause?) where pause <= .seconds(2) {
            guard (try? await clock.sleep(for: pause)) != nil else { throw .unavailable(reason, retryAfter: nil) }
            return try await exchange(.get, path, nil, for: scope)
        }
    }

    /// Never repeated: nobody knows whether a write that got no answer was made. The next run reads what is.
    func write<Value: Decodable & Sendable>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: (some Encodable)? = String?.none,
        for scope: Scope
    ) async throws(CloudflareError) -> Value {
        var bytes: [UInt8]?
        if let body {
            // In one order, so that a recorded request is known again.
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(body) else {
                throw .unavailable("the request cannot be written as JSON", retryAfter: nil)
            }
            bytes = [UInt8](data)
        }
        return try await exchange(method, path, bytes, for: scope).result
    }

    /// All items of a list, or none: a page that is missing must not look like items that are.
    ///
    /// More than any zone holds; a server that never ends must not fill the memory.
    private static let longestList = 500_000

    /// A list of several pages may change while it is read; then it is read once more.
    func list<Item: Decodable & Sendable & Identifiable>(
        _ path: String,
        perPage: Int,
        for scope: Scope
    ) async throws(CloudflareError) -> [Item] where Item.ID == String {
        for _ in 0..<2 {
            if let items: [Item] = try await pages(of: path, perPage: perPage, for: scope) { return items }
        }
        throw .unavailable("the list changed while its pages were read", retryAfter: nil)
    }

    /// Nil when the pages do not add up to the total that the last one states.
    private func pages<Item: Decodable & Sendable & Identifiable>(
        of path: String,
        perPage: Int,
        for scope: Scope
    ) async throws(CloudflareError) -> [Item]? where Item.ID == String {
        var items: [Item] = []
        var page = 1
        while true {
            let query = "\(path.contains("?") ? "&" : "?")page=\(page)&per_page=\(perPage)"
            let envelope: CloudflareEnvelope<[Item]> = try await get(path + query, for: scope)
            guard let total = envelope.pages?.total else {
                throw .unavailable("the list does not say how long it is", retryAfter: nil)
            }
            items += envelope.result
            guard items.count <= Self.longestList else {
                throw .unavailable("the list is longer than \(Self.longestList) entries", retryAfter: nil)
            }
            guard items.count < total, !envelope.result.isEmpty else {
                return items.count == total && Set(items.map(\.id)).count == total ? items : nil
            }
            page += 1
        }
    }
}

extension CloudflareAPI {
    private func exchange<Value: Decodable & Sendable>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: [UInt8]?,
        for scope: Scope
    ) async throws(CloudflareError) -> CloudflareEnvelope<Value> {
        var headers = credentials.headers
        if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        let request = HTTPRequest(method, url + path, headers: headers, body: body)
        let response: HTTPResponse
        do {
            response = try await transport.send(request, for: scope)
        } catch {
            throw .unreached(error)
        }
        if let error = CloudflareError(passing: response) { throw error }
        return try Self.decode(response)
    }

    private static func decode<Value: Decodable & Sendable>(
        _ response: HTTPResponse
    ) throws(CloudflareError) -> CloudflareEnvelope<Value> {
        let answer: CloudflareAnswer<Value>
        do {
            answer = try JSONDecoder().decode(CloudflareAnswer<Value>.self, from: Data(response.body))
        } catch {
            let excerpt = oneLine(String(decoding: response.body.prefix(400), as: UTF8.self), limit: 80)
            throw .unavailable("answered \(response.status) with what is not its JSON: \(excerpt)", retryAfter: nil)
        }
        switch answer {
        case .success(let envelope): return envelope
        case .failure(let messages): throw .refused(status: response.status, messages)
        }
    }
}
