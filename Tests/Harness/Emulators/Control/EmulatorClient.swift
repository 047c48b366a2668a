import FoundationEssentials
import Model
package import Ports

/// Looks at emulators in another process and steers them.
package struct EmulatorClient: Sendable {
    private let transport: any HTTPTransport
    private let base: String

    /// `control` is `EmulatorURLs.control`.
    package init(_ transport: any HTTPTransport, control: String) {
        (self.transport, base) = (transport, control)
    }

    package func requests(of name: EmulatorName) async throws(EmulatorClientError) -> [LoggedRequest] {
        try await get("/\(name.rawValue)/requests")
    }

    package func clearRequests(of name: EmulatorName) async throws(EmulatorClientError) {
        _ = try await send(.delete, "/\(name.rawValue)/requests")
    }

    package func faults(of name: EmulatorName) async throws(EmulatorClientError) -> [Fault] {
        try await get("/\(name.rawValue)/faults")
    }

    package func add(_ fault: Fault, to name: EmulatorName) async throws(EmulatorClientError) {
        _ = try await send(.post, "/\(name.rawValue)/faults", fault)
    }

    package func clearFaults(of name: EmulatorName) async throws(EmulatorClientError) {
        _ = try await send(.delete, "/\(name.rawValue)/faults")
    }

    package func slackMessages() async throws(EmulatorClientError) -> [SlackMessage] {
        try await get("/slack/messages")
    }

    package func clearSlackMessages() async throws(EmulatorClientError) {
        _ = try await send(.delete, "/slack/messages")
    }
}

extension EmulatorClient {
    package func cloudflareSettings() async throws(EmulatorClientError) -> CloudflareSettings {
        try await get("/cloudflare/settings")
    }

    package func set(_ settings: CloudflareSettings) async throws(EmulatorClientError) {
        _ = try await send(.put, "/cloudflare/settings", settings)
    }

    package func addressSettings() async throws(EmulatorClientError) -> AddressSettings {
        try await get("/address/settings")
    }

    package func set(_ settings: AddressSettings) async throws(EmulatorClientError) {
        _ = try await send(.put, "/address/settings", settings)
    }

    package func slackSettings() async throws(EmulatorClientError) -> SlackSettings {
        try await get("/slack/settings")
    }

    package func set(_ settings: SlackSettings) async throws(EmulatorClientError) {
        _ = try await send(.put, "/slack/settings", settings)
    }
}

/// The zones as their owner sees and changes them, beside the API.
extension EmulatorClient {
    package func records(in zone: String) async throws(EmulatorClientError) -> [CloudflareRecord] {
        try await get("/cloudflare/zones/\(zone)/records")
    }

    /// Decides what a zone is, as its owner and Cloudflare do.
    package func set(_ state: CloudflareZone.State, of zone: String) async throws(EmulatorClientError) {
        _ = try await send(.put, "/cloudflare/zones/\(zone)/state", state)
    }

    @discardableResult
    package func put(_ draft: RecordDraft, in zone: String) async throws(EmulatorClientError) -> CloudflareRecord {
        try decode(await send(.post, "/cloudflare/zones/\(zone)/records", draft))
    }

    @discardableResult
    package func patch(
        _ id: String,
        with draft: RecordDraft,
        in zone: String
    ) async throws(EmulatorClientError) -> CloudflareRecord {
        try decode(await send(.patch, "/cloudflare/zones/\(zone)/records/\(id)", draft))
    }

    package func remove(_ id: String, in zone: String) async throws(EmulatorClientError) {
        _ = try await send(.delete, "/cloudflare/zones/\(zone)/records/\(id)")
    }
}

extension EmulatorClient {
    private func get<Value: Decodable>(_ path: String) async throws(EmulatorClientError) -> Value {
        try decode(await send(.get, path))
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: (any Encodable & Sendable)? = nil
    ) async throws(EmulatorClientError) -> [UInt8] {
        var request = HTTPRequest(method, base + path, bodyLimit: 256 << 20)
        do {
            if let body {
                request.body = Array(try JSONEncoder().encode(body))
                request.headers.append(HTTPHeader("Content-Type", "application/json"))
            }
            let response = try await transport.send(request, for: .run)
            guard (200..<300).contains(response.status) else {
                throw EmulatorClientError(description: "\(path): \(response.status) \(sanitized(response.text))")
            }
            return response.body
        } catch let error as EmulatorClientError {
            throw error
        } catch {
            throw EmulatorClientError(description: "\(path): \(error)")
        }
    }

    private func decode<Value: Decodable>(_ body: [UInt8]) throws(EmulatorClientError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(body))
        } catch {
            throw EmulatorClientError(description: "the answer is not \(Value.self): \(error)")
        }
    }
}

package struct EmulatorClientError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}
