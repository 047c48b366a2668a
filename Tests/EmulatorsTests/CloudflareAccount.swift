import Emulators
import FoundationEssentials
import HTTPServer
import Model
import Ports
import TestSupport
import Testing
import Timing
import Transport

/// What the API answers with, as a client reads it.
struct Answer<Result: Decodable & Sendable>: Decodable, Sendable {
    struct Problem: Decodable, Sendable {
        let code: Int
        let message: String
        let errorChain: [Problem]?

        private enum CodingKeys: String, CodingKey {
            case code, message
            case errorChain = "error_chain"
        }
    }

    struct Page: Decodable, Hashable, Sendable {
        let page: Int
        let perPage: Int
        let count: Int
        let totalCount: Int
        let totalPages: Int

        private enum CodingKeys: String, CodingKey {
            case page, count
            case perPage = "per_page"
            case totalCount = "total_count"
            case totalPages = "total_pages"
        }
    }

    let success: Bool
    let errors: [Problem]
    let messages: [Problem]
    let result: Result?
    let page: Page?

    private enum CodingKeys: String, CodingKey {
        case success, errors, messages, result
        case page = "result_info"
    }

    /// Each error's code, and the codes beneath it.
    var codes: [Int] { errors.flatMap { [$0.code] + ($0.errorChain ?? []).map(\.code) } }
}

struct ZoneAnswer: Decodable, Sendable {
    let id: String
    let name: String
    let status: String
}

/// An emulated account with two zones, on a real socket.
final class CloudflareAccount: Sendable {
    enum As: Sendable {
        case owner, key, reader, oneZone, nobody
        case header([String: String])

        var headers: [HTTPHeader] {
            switch self {
            case .owner: [HTTPHeader("Authorization", secret: "Bearer owner-token")]
            case .reader: [HTTPHeader("Authorization", secret: "Bearer reader-token")]
            case .oneZone: [HTTPHeader("Authorization", secret: "Bearer one-zone-token")]
            case .key: [HTTPHeader("X-Auth-Email", "me@example.test"), HTTPHeader("X-Auth-Key", secret: "c0ffee")]
            case .nobody: []
            case .header(let headers): headers.map { HTTPHeader($0.key, $0.value) }
            }
        }
    }

    let emulator: CloudflareEmulator
    private let server: HTTPServer
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    init(clock: any Clock = SystemClock(), publisher: (any DNSPublisher)? = nil) throws {
        emulator = CloudflareEmulator(
            zones: ["example.test", "example.org"],
            credentials: [
                .token(Secret("owner-token")),
                .token(Secret("reader-token"), canWrite: false),
                .token(Secret("one-zone-token"), zones: ["example.org"]),
                .key(email: "me@example.test", Secret("c0ffee")),
            ],
            publisher: publisher,
            clock: clock
        )
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: emulator.handler)
    }

    deinit { server.stop() }

    var url: String { "http://127.0.0.1:\(server.port)\(CloudflareEmulator.basePath)" }

    func zoneID(_ name: String = "example.test") throws -> String {
        try #require(emulator.zones.first { $0.name == name }?.id)
    }

    /// The path of a zone's records.
    func records(_ zone: String = "example.test") throws -> String { "/zones/\(try zoneID(zone))/dns_records" }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        as caller: As = .owner,
        timeLimit: Duration = .seconds(15)
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method, url + path, headers: caller.headers, timeLimit: timeLimit)
        if let body {
            request.headers.append(HTTPHeader("Content-Type", "application/json"))
            request.body = Array(body.utf8)
        }
        return try await transport.send(request, for: .run)
    }

    func call<Result: Decodable & Sendable>(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        as caller: As = .owner,
        giving: Result.Type = CloudflareRecord.self
    ) async throws -> Answer<Result> {
        let response = try await send(method, path, body, as: caller)
        let answer = try JSONDecoder().decode(Answer<Result>.self, from: Data(response.body))
        #expect(answer.success == (response.status == 200))
        return answer
    }

    /// The status and the codes of an answer that is a failure.
    func failure(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        as caller: As = .owner
    ) async throws -> [Int] {
        let response = try await send(method, path, body, as: caller)
        let answer = try JSONDecoder().decode(Answer<CloudflareRecord>.self, from: Data(response.body))
        #expect(!answer.success)
        #expect(answer.result == nil)
        return [response.status] + answer.codes
    }

    func create(_ type: String, _ name: String, _ content: String, _ more: String = "") async throws -> CloudflareRecord
    {
        let body = #"{"type":"\#(type)","name":"\#(name)","content":"\#(content)"\#(more)}"#
        let answer = try await call(.post, try records(), body)
        return try #require(answer.result, "\(answer.codes)")
    }
}
