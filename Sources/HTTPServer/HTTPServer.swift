import CMicroHTTPD
import Glibc
public import Ports
import Synchronization
public import Timing

/// A small HTTP/1.1 server by libmicrohttpd: for our own control socket and status page, and for what stands in for the
/// outside in the sandbox. One thread serves all connections; it sleeps while nothing comes.
public final class HTTPServer: Sendable {
    /// Answers one request. It is cancelled when its time is up and when the server stops.
    public typealias Handler = @Sendable (ServerRequest) async -> ServerResponse

    public struct Limits: Sendable {
        /// Connections at a time; further ones wait.
        public var connections = 256
        /// How long a connection may stay silent while a request or the next one is awaited.
        public var idle: Duration = .seconds(30)
        /// How long a handler may take; the client then hears 503.
        public var answer: Duration = .seconds(300)

        public init() {}
    }

    /// The TCP port; 0 on a Unix socket.
    public let port: UInt16
    private let listening: Listening
    private let desk: Desk
    private let daemon: Mutex<Daemon?>

    /// Listens from now on. A request whose body is longer than `bodyLimit` bytes is answered with 413.
    public init(
        listening: Listening,
        bodyLimit: Int = 1 << 20,
        limits: Limits = Limits(),
        clock: any Clock = SystemClock(),
        handler: @escaping Handler
    ) throws(HTTPServerError) {
        let listener = try Listener(listening)
        let desk = Desk(bodyLimit: bodyLimit, answerLimit: limits.answer, clock: clock, handler: handler)
        guard let daemon = Daemon(listener, limits, desk) else {
            throw .refused(listening.description, reason: "libmicrohttpd does not start")
        }
        self.listening = listening
        self.desk = desk
        port = listener.port
        self.daemon = Mutex(daemon)
    }

    deinit {
        stop()
    }

    /// Ends all connections, answered or not, and frees the port or removes the socket file. May be called again.
    public func stop() {
        desk.close()
        let daemon = daemon.withLock { daemon in
            defer { daemon = nil }
            return daemon
        }
        guard let daemon else { return }
        if case .unix(let path, _) = listening { unsafe unlink(path) }
        daemon.stop()
    }
}

/// `MHD_Daemon *`, and the desk that its callbacks point to.
@safe
private struct Daemon: @unchecked Sendable {
    private let handle: OpaquePointer
    private let desk: Desk

    init?(_ listener: Listener, _ limits: HTTPServer.Limits, _ desk: Desk) {
        let handle = unsafe landfall_mhd_start(
            listener.descriptor,
            UInt32(clamping: limits.connections),
            UInt32(clamping: limits.idle.components.seconds),
            receive,
            complete,
            Unmanaged.passUnretained(desk).toOpaque()
        )
        guard let handle = unsafe handle else { return nil }
        unsafe self.handle = unsafe handle
        self.desk = desk
    }

    /// Waits for the daemon's thread, which finishes what it is doing and closes all connections.
    func stop() {
        unsafe MHD_stop_daemon(handle)
    }
}
