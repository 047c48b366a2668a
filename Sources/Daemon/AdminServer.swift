import Configuration
import HTTPServer
import Log
import Model

/// The daemon's HTTP servers: `LANDFALL_LISTEN` has the routes for everyone. The Unix socket in the state folder, which
/// only its owner can open, has all.
struct AdminServer {
    /// Where the status page is served: `127.0.0.1:5263`, or `off`.
    let place: String
    private let page: HTTPServer?
    private let socket: HTTPServer?

    /// - Parameters:
    ///   - hosts: the names under which the page is served.
    ///   - path: of the Unix socket.
    ///   - mayLackSocket: whether to do without that socket if it cannot be had; a dry run may have another one beside it.
    init(
        _ routes: [Route],
        page place: ListenPlace,
        hosts: [String],
        socket path: String,
        mayLackSocket: Bool,
        log: Logger
    ) throws(UserFacingError) {
        // No browser opens a Unix socket.
        let hosts = if case .tcp = place.kind { HostNames(hosts) } else { HostNames?.none }
        let page = try Self.page(RouteTable(routes.filter(\.isForEveryone), hosts: hosts), at: place, log)
        self.page = page
        self.place = page.map { place.description(withPort: $0.port) } ?? "off"
        do throws(UserFacingError) {
            socket = try Self.socket(RouteTable(routes), at: path)
        } catch {
            if mayLackSocket {
                socket = nil
                log.warning("commands cannot reach this dry run", [.error: .string("\(error)")])
                return
            }
            page?.stop()
            throw error
        }
    }

    func stopPage() { page?.stop() }

    func stopSocket() { socket?.stop() }

    /// Serves routes at the Unix socket.
    static func socket(_ routes: RouteTable, at path: String) throws(UserFacingError) -> HTTPServer {
        var limits = HTTPServer.Limits()
        // A hook waits for propagation, and `landfall once` for a whole run.
        limits.answer = .seconds(3600)
        return try userFacing { () throws(HTTPServerError) in
            try HTTPServer(listening: .unix(path: path, mode: 0o600), bodyLimit: 64 << 10, limits: limits) {
                await routes.answer($0)
            }
        }
    }

    private static func page(
        _ routes: RouteTable,
        at place: ListenPlace,
        _ log: Logger
    ) throws(UserFacingError) -> HTTPServer? {
        guard let listening = place.listening else { return nil }
        var limits = HTTPServer.Limits()
        limits.connections = 128
        // A reverse proxy is one client, too.
        limits.connectionsPerClient = 32
        limits.request = .seconds(10)
        limits.answer = .seconds(10)
        do throws(HTTPServerError) {
            return try HTTPServer(listening: listening, bodyLimit: 4096, limits: limits) { await routes.answer($0) }
        } catch {
            let reason = "\(error); set LANDFALL_LISTEN to another place, or to off"
            // If the default place is taken, by another Landfall for example, the daemon starts without the page.
            guard place.isStandard else { throw UserFacingError(reason) }
            log.warning("the status page is not served", [.error: .string(reason)])
            return nil
        }
    }
}

extension ListenPlace {
    fileprivate var listening: Listening? {
        switch kind {
        case .off: nil
        case .tcp(let address, let port): .tcp(address: address, port: port)
        // Its owner and group may read the page.
        case .unix(let path): .unix(path: path, mode: 0o660)
        }
    }

    /// The place with the port that was assigned, if any was allowed.
    fileprivate func description(withPort port: UInt16) -> String {
        guard case .tcp(let address, _) = kind else { return description }
        return Listening.tcp(address: address, port: port).description
    }
}
