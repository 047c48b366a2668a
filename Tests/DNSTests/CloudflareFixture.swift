import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Synchronization
import Testing
import Timing
import Transport

/// The emulated Cloudflare behind a real socket, and clients of it.
struct CloudflareFixture {
    static let email = "owner@example.test"
    static let token = CloudflareCredentials.token(Secret("good-token"))
    static let key = CloudflareCredentials.globalKey(email: email, key: Secret("0123456789abcdef"))

    let emulator: CloudflareEmulator
    private let server: HTTPServer

    init(zones: [String] = ["example.test"], clock: any Clock = SystemClock()) throws {
        emulator = CloudflareEmulator(
            zones: zones,
            credentials: [
                .token(Secret("good-token")),
                .token(Secret("reading-token"), canWrite: false),
                .key(email: Self.email, Secret("0123456789abcdef")),
            ],
            clock: clock
        )
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: emulator.handler)
    }

    func provider(
        _ credentials: CloudflareCredentials = token,
        recordsPerPage: Int = 5000,
        clock: any Clock = SystemClock()
    ) -> CloudflareProvider {
        CloudflareProvider(
            credentials,
            url: "http://127.0.0.1:\(server.port)\(CloudflareEmulator.basePath)",
            recordsPerPage: recordsPerPage,
            transport: TransportTo(server: server),
            clock: clock
        )
    }

    func zone() throws -> Zone {
        let zone = try #require(emulator.zones.first)
        return Zone(name: try DomainName(zone.name), id: zone.id)
    }

    /// A record as the account's owner made it.
    @discardableResult
    func put(
        _ type: String,
        _ name: String,
        _ content: String,
        ttl: Int? = nil,
        proxied: Bool? = nil,
        comment: String? = nil
    ) throws -> DNSRecord {
        let record = try emulator.put(
            RecordDraft(name: name, type: type, content: content, ttl: ttl, proxied: proxied, comment: comment),
            in: "example.test"
        )
        return DNSRecord(
            id: record.id,
            name: try DomainName(name),
            kind: try #require(DNSRecord.Kind(rawValue: type)),
            content: content,
            ttl: record.ttl,
            proxied: record.proxied,
            comment: record.comment
        )
    }

    func requests(_ method: String) -> [LoggedRequest] { emulator.log.requests.filter { $0.method == method } }
}

/// A server that plays one stub.
struct Scene {
    let server: HTTPServer

    init(_ handler: @escaping HTTPServer.Handler) throws {
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: handler)
    }

    var provider: CloudflareProvider { provider() }

    func provider(path: String = "", recordsPerPage: Int = 5000) -> CloudflareProvider {
        CloudflareProvider(
            CloudflareFixture.token,
            url: "http://127.0.0.1:\(server.port)\(path)",
            recordsPerPage: recordsPerPage,
            transport: TransportTo(server: server)
        )
    }
}

/// HTTP to a server that lives as long as whoever may ask it.
private struct TransportTo: HTTPTransport {
    let server: HTTPServer
    private let curl = CurlTransport(.init(userAgent: "landfall-tests"))

    init(server: HTTPServer) { self.server = server }

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        try await curl.send(request, for: scope)
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        try await curl.stream(request, for: scope)
    }
}

/// Notes what goes through it, and answers nothing.
final class DeafTransport: HTTPTransport {
    struct Sent: Sendable {
        let request: HTTPRequest
        let scope: Scope
    }

    private let error: TransportError
    private let log = Mutex<[Sent]>([])

    init(_ error: TransportError) { self.error = error }

    var sent: [Sent] { log.withLock { $0 } }

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        log.withLock { $0.append(Sent(request: request, scope: scope)) }
        throw error
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream { throw error }
}

/// The error of a call that must fail.
func failure<Value>(_ call: () async throws(ProviderError) -> Value) async -> ProviderError? {
    do throws(ProviderError) {
        let value = try await call()
        Issue.record("it succeeded: \(value)")
        return nil
    } catch {
        return error
    }
}
