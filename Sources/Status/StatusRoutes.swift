import FoundationEssentials
package import HTTPServer
import Model
import Ports
import Synchronization
import Timing

/// The routes of the admin server that show the status: the page, its data, the metrics and the health checks.
package final class StatusRoutes: Sendable {
    private let hub: StatusHub
    private let clock = SystemClock()
    /// The last status as JSON, because writing a large one takes a while and many clients may ask at once.
    private let cache = Mutex<(revision: Int, time: Duration, response: ServerResponse)?>(nil)

    /// How long a cached status is served if only the time has changed.
    private static let cacheLifetime = Duration.seconds(1)
    /// How long a client that knows the latest status waits for a newer one.
    private static let longestWait = Duration.seconds(8)

    package init(_ hub: StatusHub) { self.hub = hub }

    package var routes: [Route] {
        [
            .read("/") { _ in StatusPage.response(nonce: SystemRandomness().token(bytes: 16, for: .run)) },
            .read("/api/status") { [self] request in await status(request) },
            .read("/api/runs") { [hub] _ in .json(hub.document.runs) },
            .read("/metrics") { [hub] _ in .text(Metrics(hub.metrics).description, type: Metrics.mediaType) },
            .read("/healthz") { [self] _ in health },
            .read("/readyz") { [hub] _ in hub.isReady ? .text("ready\n") : .text("not ready\n", status: 503) },
            .read("/events") { [self] request in request.method == "HEAD" ? Self.eventStream : events },
        ]
    }

    /// The status document; with `?after=REVISION` as soon as it has changed since.
    private func status(_ request: ServerRequest) async -> ServerResponse {
        if let revision = request.query["after"].flatMap({ Int($0) }) {
            return .json(await hub.document(after: revision, within: Self.longestWait))
        }
        let (revision, now) = (hub.revision, clock.uptime)
        if let cached = cache.withLock(\.self), cached.revision == revision, now - cached.time < Self.cacheLifetime {
            return cached.response
        }
        let document = hub.document
        let response = ServerResponse.json(document)
        cache.withLock { $0 = (document.revision, now, response) }
        return response
    }

    /// Whether the loops of the daemon are running. Nothing outside is asked.
    private var health: ServerResponse {
        hub.unhealthyReason.map { .text("\($0)\n", status: 503) } ?? .text("healthy\n")
    }
}

extension StatusRoutes {
    private static let eventStream = ServerResponse(headers: ["Content-Type": "text/event-stream; charset=utf-8"])

    /// How often a comment is sent on a quiet stream; only a write shows that the client has gone.
    private static let keepAliveInterval = Duration.seconds(15)

    /// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
    private var events: ServerResponse {
        guard let events = hub.subscribe() else { return .text("too many clients are watching\n", status: 503) }
        let stream = ServerStream()
        stream.write(Array("retry: 2000\n\n".utf8))
        let work = Task { [clock] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await event in events where stream.write(event.bytes) == false { break }
                }
                group.addTask {
                    while (try? await clock.sleep(for: Self.keepAliveInterval)) != nil,
                        stream.write(Array(":\n\n".utf8))
                    {}
                }
                await group.next()
                group.cancelAll()
            }
            stream.end()
        }
        stream.onDisconnect { work.cancel() }
        return ServerResponse(headers: Self.eventStream.headers, stream: stream)
    }
}

extension StatusEvent {
    /// The event as a server-sent event.
    fileprivate var bytes: [UInt8] {
        switch self {
        case .status(let revision): Array("event: status\ndata: \(revision)\n\n".utf8)
        case .step(let step): Array("event: step\ndata: ".utf8) + ServerResponse.json(step).body + Array("\n\n".utf8)
        }
    }
}

/// The page, `Page/page.html`, which is embedded in the program.
enum StatusPage {
    /// - Parameter nonce: of this response alone; a browser runs and applies only what bears it.
    static func response(nonce: String) -> ServerResponse {
        let policy = """
            default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; \
            img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
            require-trusted-types-for 'script'; trusted-types 'none'
            """
        var response = ServerResponse.text(parts.joined(separator: nonce), type: "text/html")
        response.headers["Content-Security-Policy"] = policy
        return response
    }

    /// The page without its nonces.
    private static let parts: [String] = {
        let text = String(decoding: PackageResources.page_html, as: UTF8.self)
        return text.split(separator: "{{nonce}}", omittingEmptySubsequences: false).map(String.init)
    }()
}
