import FoundationEssentials
import HTTPServer
import Model
import Ports
import Synchronization
import Timing

/// Answers what the status page's server is asked.
final class StatusRoutes: Sendable {
    private let board: StatusHub
    private let clock = SystemClock()
    /// Many who ask in the same moment get the same bytes: a large status takes a while to write.
    private let written = Mutex<Written?>(nil)

    private struct Written {
        let revision: Int
        let at: Duration
        let body: [UInt8]
    }

    /// How long an answer stands although nothing but time went on.
    private static let freshness = Duration.seconds(1)

    init(_ board: StatusHub) {
        self.board = board
    }

    func answer(_ request: ServerRequest) -> ServerResponse {
        guard ["GET", "HEAD"].contains(request.method) else {
            var refusal = ServerResponse.text("this server only tells; ask with GET\n", status: 405)
            refusal.headers["Allow"] = "GET, HEAD"
            return refusal.guarded()
        }
        switch request.path {
        case "/": return StatusPage.response(nonce: SystemRandomness().token(bytes: 16, for: .run))
        case "/api/status": return ServerResponse.json(bytes: status).guarded()
        case "/api/runs": return ServerResponse.json(board.document.runs).guarded()
        case "/metrics": return metrics.guarded()
        case "/healthz": return health.guarded()
        case "/readyz": return readiness.guarded()
        case "/events": return (request.method == "HEAD" ? .eventHead : events).guarded()
        default: return ServerResponse.text("no such path\n", status: 404).guarded()
        }
    }

    /// The document as JSON.
    private var status: [UInt8] {
        let (revision, now) = (board.revision, clock.uptime)
        if let known = written.withLock(\.self), known.revision == revision, now - known.at < Self.freshness {
            return known.body
        }
        let document = board.document
        let body = ServerResponse.json(document).body
        written.withLock { $0 = Written(revision: document.revision, at: now, body: body) }
        return body
    }

    private var metrics: ServerResponse {
        var response = ServerResponse.text(Metrics(board.figures).description)
        response.headers["Content-Type"] = Metrics.contentType
        return response
    }

    /// Whether the loops turn. It is Landfall alone that is asked.
    private var health: ServerResponse {
        board.complaint.map { .text("\($0)\n", status: 503) } ?? .text("at work\n")
    }

    private var readiness: ServerResponse {
        board.isReady ? .text("ready\n") : .text("not ready\n", status: 503)
    }
}

extension StatusRoutes {
    /// What a silent stream sends now and then: only so is it noticed that nobody listens any more.
    private static let beat = Duration.seconds(15)

    /// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    private var events: ServerResponse {
        guard let events = board.watch() else { return .text("too many watch already\n", status: 503) }
        let stream = ServerStream()
        stream.write(Array("retry: 2000\n\n".utf8))
        let work = Task { [clock] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await event in events where stream.write(event.bytes) == false { break }
                }
                group.addTask {
                    while (try? await clock.sleep(for: Self.beat)) != nil, stream.write(Array(":\n\n".utf8)) {}
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

    /// With what keeps a browser from making anything else of it than what it is.
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
