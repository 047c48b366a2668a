import FoundationEssentials
import HTTPServer
import Model
import Ports
import Synchronization
import Timing

/// The routes of the status page's server.
final class StatusRoutes: Sendable {
    private let hub: StatusHub
    private let clock = SystemClock()
    /// The last document as JSON, for requests at about the same time: a large status takes a while to encode.
    private let encoded = Mutex<Encoded?>(nil)

    private struct Encoded {
        let revision: Int
        let at: Duration
        let body: [UInt8]
    }

    /// How long an encoded document may be reused while only time has passed.
    private static let freshness = Duration.seconds(1)

    init(_ hub: StatusHub) {
        self.hub = hub
    }

    func answer(_ request: ServerRequest) -> ServerResponse {
        guard ["GET", "HEAD"].contains(request.method) else {
            var refusal = ServerResponse.text("this server is read-only; use GET\n", status: 405)
            refusal.headers["Allow"] = "GET, HEAD"
            return refusal.guarded()
        }
        switch request.path {
        case "/": return StatusPage.response(nonce: SystemRandomness().token(bytes: 16, for: .run))
        case "/api/status": return ServerResponse.json(bytes: status).guarded()
        case "/api/runs": return ServerResponse.json(hub.document.runs).guarded()
        case "/metrics": return metrics.guarded()
        case "/healthz": return health.guarded()
        case "/readyz": return readiness.guarded()
        case "/events": return (request.method == "HEAD" ? .eventHead : events).guarded()
        default: return ServerResponse.text("no such path\n", status: 404).guarded()
        }
    }

    /// The document as JSON.
    private var status: [UInt8] {
        let (revision, now) = (hub.revision, clock.uptime)
        if let known = encoded.withLock(\.self), known.revision == revision, now - known.at < Self.freshness {
            return known.body
        }
        let document = hub.document
        let body = ServerResponse.json(document).body
        encoded.withLock { $0 = Encoded(revision: document.revision, at: now, body: body) }
        return body
    }

    private var metrics: ServerResponse {
        var response = ServerResponse.text(Metrics(hub.metrics).description)
        response.headers["Content-Type"] = Metrics.contentType
        return response
    }

    /// Whether Landfall's own loops are running.
    private var health: ServerResponse {
        hub.unhealthyReason.map { .text("\($0)\n", status: 503) } ?? .text("healthy\n")
    }

    private var readiness: ServerResponse {
        hub.isReady ? .text("ready\n") : .text("not ready\n", status: 503)
    }
}

extension StatusRoutes {
    /// How often an idle stream sends a comment: only a write shows that the client is gone.
    private static let heartbeat = Duration.seconds(15)

    /// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    private var events: ServerResponse {
        guard let events = hub.subscribe() else { return .text("too many subscribers\n", status: 503) }
        let stream = ServerStream()
        stream.write(Array("retry: 2000\n\n".utf8))
        let work = Task { [clock] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await event in events where stream.write(event.bytes) == false { break }
                }
                group.addTask {
                    while (try? await clock.sleep(for: Self.heartbeat)) != nil, stream.write(Array(":\n\n".utf8)) {}
                }
                await group.next()
                group.cancelAll()
            }
            stream.end()
        }
        stream.whenGone { work.cancel() }
        return .stream(stream, headers: ServerResponse.eventHead.headers)
    }
}

extension StatusEvent {
    /// As a server-sent event.
    fileprivate var bytes: [UInt8] {
        switch self {
        case .status(let revision): Array("event: status\ndata: \(revision)\n\n".utf8)
        case .step(let step): Array("event: step\ndata: ".utf8) + ServerResponse.json(step).body + Array("\n\n".utf8)
        }
    }
}

extension ServerResponse {
    fileprivate static let eventHead = ServerResponse(headers: ["Content-Type": "text/event-stream; charset=utf-8"])

    fileprivate static func json(bytes: [UInt8]) -> ServerResponse {
        ServerResponse(headers: ["Content-Type": "application/json"], body: bytes)
    }

    /// With headers that restrict what a browser does with it.
    ///
    /// - Parameter policy: what the answer may load and do (https://www.w3.org/TR/CSP3/).
    func guarded(policy: String = "default-src 'none'; frame-ancestors 'none'") -> ServerResponse {
        var response = self
        response.headers.merge([
            "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
        ]) { own, _ in own }
        return response
    }
}
