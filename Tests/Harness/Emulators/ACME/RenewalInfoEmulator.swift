import FoundationEssentials
public import HTTPServer
public import Model
public import Ports
import Synchronization
public import Timing

/// Stands in for what an ACME server tells without an account: its directory, and when it would like a certificate renewed
/// (RFC 9773 §4). Pebble's directory offers no such thing.
public final class RenewalInfoEmulator: Sendable {
    public static let directoryPath = "/directory"
    public static let infoPath = "/acme/renewal-info"

    private struct State {
        var base: String?
        var windows: [String: (start: Timestamp, end: Timestamp)] = [:]
        var retryAfter: Int?
    }

    private let state = Mutex(State())
    private let front: FaultInjector

    public init(clock: any Clock = SystemClock()) {
        front = FaultInjector(clock: clock) { status, _, message in
            .json(["type": "urn:ietf:params:acme:error:serverInternal", "detail": message], status: status)
        }
    }

    public var handler: HTTPServer.Handler { { request in await self.answer(request) } }
    public var log: RequestLog { front.log }
    public var faults: Faults { front.faults }

    /// Offers renewal information below `base`, where it is reached; nil: its directory does not speak of it.
    public func offer(at base: String?) { state.withLock { $0.base = base } }

    public func suggest(from start: Timestamp, to end: Timestamp, for certificate: String) {
        state.withLock { $0.windows[certificate] = (start, end) }
    }

    /// Seconds until it wants to be asked again.
    public func askAgain(after seconds: Int?) { state.withLock { $0.retryAfter = seconds } }

    private func answer(_ request: ServerRequest) async -> ServerResponse {
        await front.serve(request) { respond(to: request) }
    }

    private func respond(to request: ServerRequest) -> ServerResponse {
        guard request.method == "GET" else { return .text("method not allowed", status: 405) }
        let state = state.withLock { (base: $0.base, windows: $0.windows, retryAfter: $0.retryAfter) }
        if request.path == Self.directoryPath {
            var directory = ["newNonce": "https://ca.example.test/nonce", "newOrder": "https://ca.example.test/order"]
            directory["renewalInfo"] = state.base.map { $0 + Self.infoPath }
            return .json(directory)
        }
        let certificate = request.path.split(separator: "/").last.map(String.init) ?? ""
        guard request.path.hasPrefix(Self.infoPath + "/"), let window = state.windows[certificate] else {
            return .json(
                ["type": "urn:ietf:params:acme:error:malformed", "detail": "no such certificate"],
                status: 404
            )
        }
        var response = ServerResponse.json(["suggestedWindow": ["start": "\(window.start)", "end": "\(window.end)"]])
        response.headers["Retry-After"] = state.retryAfter.map { "\($0)" }
        return response
    }
}
