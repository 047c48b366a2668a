public import HTTPServer
import Ports

/// The page, the metrics and all that programs ask for, over HTTP. It only tells: whatever is not a question is refused.
public struct StatusServer: Sendable {
    /// A question is answered from memory.
    private static var limits: HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        // So many clients may be slow, or silent, and each only as long as this.
        limits.connections = 64
        limits.idle = .seconds(30)
        limits.answer = .seconds(10)
        return limits
    }

    private let server: HTTPServer

    /// Listens from now on.
    public init(_ board: StatusHub, at place: Listening) throws(HTTPServerError) {
        let desk = StatusRoutes(board)
        server = try HTTPServer(listening: place, bodyLimit: 4096, limits: Self.limits) { request in
            desk.answer(request)
        }
    }

    /// The TCP port; 0 on a Unix socket.
    public var port: UInt16 { server.port }

    public func stop() {
        server.stop()
    }
}
