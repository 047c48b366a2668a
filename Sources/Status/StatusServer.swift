public import HTTPServer
import Ports

/// Serves the page, the metrics and the JSON API over HTTP. Read-only: every method but GET and HEAD is refused.
public struct StatusServer: Sendable {
    /// Requests are answered from memory, so these can be tight.
    private static var limits: HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        // How many clients may be slow or silent, and for how long.
        limits.connections = 64
        limits.idle = .seconds(30)
        limits.answer = .seconds(10)
        return limits
    }

    private let server: HTTPServer

    /// Listens from now on.
    public init(_ hub: StatusHub, at place: Listening) throws(HTTPServerError) {
        let routes = StatusRoutes(hub)
        server = try HTTPServer(listening: place, bodyLimit: 4096, limits: Self.limits) { request in
            routes.answer(request)
        }
    }

    /// The TCP port; 0 on a Unix socket.
    public var port: UInt16 { server.port }

    public func stop() {
        server.stop()
    }
}
