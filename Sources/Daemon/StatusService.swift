import Certificates
import Configuration
import DNS
import HTTPServer
import Log
import Model
import Pipeline
import Ports
import State
import Status
import Timing

/// The status page's server, and what keeps the status over restarts.
struct StatusService {
    /// Where it is served: `127.0.0.1:5263`, or `off`.
    let place: String
    private let board: StatusHub
    private let server: StatusServer?
    private let work: Task<Void, Never>

    init(_ board: StatusHub, at wanted: ListenPlace, log: Logger) throws(UserFacingError) {
        self.board = board
        let server = try Self.server(of: board, at: wanted, log)
        self.server = server
        place = server.map { wanted.description(withPort: $0.port) } ?? "off"
        work = Task { await board.keep() }
    }

    /// Lets those go who watch, and returns when all is written.
    func end() async {
        board.end()
        server?.stop()
        await work.value
    }

    /// A place that nobody chose may be taken, by another Landfall for one: that is no reason not to start.
    private static func server(
        of board: StatusHub,
        at wanted: ListenPlace,
        _ log: Logger
    ) throws(UserFacingError) -> StatusServer? {
        guard let listening = wanted.listening else { return nil }
        do throws(HTTPServerError) {
            return try StatusServer(board, at: listening)
        } catch {
            let hint = "\(error); LANDFALL_LISTEN says where to listen, or off"
            guard wanted.isStandard else { throw UserFacingError(hint) }
            log.warning("no status page is served", ["error.message": hint])
            return nil
        }
    }
}

extension ListenPlace {
    /// Who owns the socket, and his group, may ask.
    private static let socketMode: UInt32 = 0o660

    fileprivate var listening: Listening? {
        switch kind {
        case .off: nil
        case .tcp(let address, let port): .tcp(address: address, port: port)
        case .unix(let path): .unix(path: path, mode: Self.socketMode)
        }
    }

    /// With the port that it came to, where any would do.
    fileprivate func description(withPort port: UInt16) -> String {
        guard case .tcp(let address, _) = kind else { return description }
        return Listening.tcp(address: address, port: port).description
    }
}

extension StatusHub: RunObserver {}

extension Wiring {
    /// What the status asks of this session.
    var sources: StatusHub.Sources {
        StatusHub.Sources(
            budgets: { [pipeline] in pipeline.budgets },
            limits: { [pipeline] in pipeline.certificates.limitUses().value ?? [] },
            backoffs: { [pipeline] in
                pipeline.certificates.failing.sorted { $0.key < $1.key }.map { lineage, failure in
                    FailurePause(
                        subject: lineage,
                        failures: failure.count,
                        until: failure.last + failure.pause,
                        reason: failure.reason
                    )
                }
            }
        )
    }
}

extension Configuration {
    var daemonStatus: DaemonStatus {
        let switches = [("records", records.isOn), ("certificates", certificates.isOn), ("signals", signals.areOn)]
        return DaemonStatus(
            version: landfallVersion,
            instance: instance,
            started: SystemClock().now,
            isDryRun: isDryRun,
            switchedOff: switches.filter { !$0.1 }.map(\.0)
        )
    }
}
