import FoundationEssentials
package import HTTPServer
package import Model
package import Ports
import Synchronization
import Timing

/// Emulates what an ACME server answers without an account: its directory, and when it would like a certificate renewed
/// (RFC 9773 §4). Pebble's directory offers no such thing.
package final class RenewalInfoEmulator: Sendable {
    package static let directoryPath = "/directory"
    package static let infoPath = "/acme/renewal-info"

    private struct State {
        var base: String?
        var windows: [String: (start: Timestamp, end: Timestamp)] = [:]
        var retryAfter: Int?
    }

    private let state = Mutex(State())
    private let injector: FaultInjector

    package init(clock: any Clock = SystemClock()) {
        injector = FaultInjector(clock: clock) { status, _, message in
            .json(["type": "urn:ietf:params:acme:error:serverInternal", "detail": message], status: status)
        }
    }

    package var handler: HTTPServer.Handler { { request in await self.answer(request) } }
    package var log: RequestLog { injector.log }
    package var faults: Faults { injector.faults }

    /// Offers renewal information below `base`, where it is reached; nil: its directory does not speak of it.
    package func offer(at base: String?) { state.withLock { $0.base = base } }

    package func suggest(from start: Timestamp, to end: Timestamp, for certificate: String) {
        state.withLock { $0.windows[certificate] = (start, end) }
    }

    /// Seconds until it wants to be asked again.
    package func askAgain(after seconds: Int?) { state.withLock { $0.retryAfter = seconds } }

    private func answer(_ request: ServerRequest) async -> ServerResponse {
        await injector.serve(request) { respond(to: request) }
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
