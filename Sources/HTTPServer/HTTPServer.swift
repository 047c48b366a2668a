import CMicroHTTPD
import Glibc
package import Ports
import Synchronization
import Timing

/// A small HTTP/1.1 server over libmicrohttpd, for the admin server and for the emulators of the sandbox. One thread serves
/// all connections and sleeps while there is nothing to do.
package final class HTTPServer: Sendable {
    /// Answers one request. It is cancelled at its time limit and when the server stops.
    package typealias Handler = @Sendable (ServerRequest) async -> ServerResponse

    package struct Limits: Sendable {
        /// How many connections are served at a time; further ones wait.
        package var connections = 256
        /// How many connections one address may have; further ones are closed. Nil: any number.
        package var connectionsPerClient: Int?
        /// How long a connection may stay silent while a request or the next one is awaited.
        package var idle: Duration = .seconds(30)
        /// How long a request may take to arrive, however steadily it does.
        package var request: Duration = .seconds(60)
        /// How long a handler may take; after that the client gets 503.
        package var answer: Duration = .seconds(300)

        package init() {}
    }

    /// The TCP port; 0 on a Unix socket.
    package let port: UInt16
    private let listening: Listening
    private let dispatcher: RequestDispatcher
    private let daemon: Mutex<MHDDaemon?>

    /// A certificate and its private key, both in PEM.
    package struct Identity: Sendable {
        let certificate: String
        let key: String

        package init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }
    }

    /// Listens from now on. A request whose body is longer than `bodyLimit` bytes is answered with 413.
    ///
    /// - Parameter identity: for TLS, which only emulators of servers speak that are reached by nothing else.
    package init(
        listening: Listening,
        identity: Identity? = nil,
        bodyLimit: Int = 1 << 20,
        limits: Limits = Limits(),
        clock: any Clock = SystemClock(),
        handler: @escaping Handler
    ) throws(HTTPServerError) {
        let listener = try Listener(listening)
        let isForOwner = if case .unix(let path, _) = listening { path.isAbstractSocket } else { false }
        let dispatcher = RequestDispatcher(
            bodyLimit: bodyLimit,
            limits: limits,
            clock: clock,
            isForOwner: isForOwner,
            handler: handler
        )
        guard let daemon = MHDDaemon(listener, identity, limits, dispatcher) else {
            throw .refused(listening.description, reason: "libmicrohttpd does not start")
        }
        self.listening = listening
        self.dispatcher = dispatcher
        port = listener.port
        self.daemon = Mutex(daemon)
    }

    deinit { stop() }

    /// Closes all connections and frees the port or removes the socket file. It may be called more than once.
    package func stop() {
        dispatcher.close()
        let daemon = daemon.withLock { daemon in
            defer { daemon = nil }
            return daemon
        }
        guard let daemon else { return }
        if case .unix(let path, _) = listening, !path.isAbstractSocket { unsafe unlink(path) }
        daemon.stop()
    }
}

/// `MHD_Daemon *`, and the dispatcher that its callbacks use.
@safe
private struct MHDDaemon: @unchecked Sendable {
    private let handle: OpaquePointer
    private let dispatcher: RequestDispatcher

    init?(
        _ listener: Listener,
        _ identity: HTTPServer.Identity?,
        _ limits: HTTPServer.Limits,
        _ dispatcher: RequestDispatcher
    ) {
        func start(_ certificate: UnsafePointer<CChar>?, _ key: UnsafePointer<CChar>?) -> OpaquePointer? {
            unsafe landfall_mhd_start(
                listener.descriptor,
                UInt32(clamping: limits.connections),
                UInt32(clamping: limits.connectionsPerClient ?? 0),
                UInt32(clamping: limits.idle.components.seconds),
                certificate,
                key,
                receive,
                complete,
                connectionChanged,
                Unmanaged.passUnretained(dispatcher).toOpaque()
            )
        }
        // Both are copied before it returns.
        let handle =
            if let identity {
                unsafe identity.certificate.withCString { certificate in
                    unsafe identity.key.withCString { key in unsafe start(certificate, key) }
                }
            } else {
                unsafe start(nil, nil)
            }
        guard let handle = unsafe handle else { return nil }
        unsafe self.handle = unsafe handle
        self.dispatcher = dispatcher
    }

    /// Waits for the daemon's thread, which finishes what it is doing and closes all connections.
    func stop() { unsafe MHD_stop_daemon(handle) }
}
