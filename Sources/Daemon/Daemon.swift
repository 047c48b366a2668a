import CSystem
import Certificates
public import Configuration
import Docker
public import Log
import Model
import Notices
import Pipeline
import Ports
public import Recording
import Report
import Status
import Synchronization
import Timing

/// The daemon: one session after another, until it is told to stop.
public struct Daemon: Sendable {
    private let configuration: Configuration
    private let log: Logger
    private let outlets: [any RecordingSink]

    /// - Parameter recording: where everything is recorded, besides the folder that is configured for it.
    public init(_ configuration: Configuration, log: Logger, recording: RecordingFile? = nil) {
        (self.configuration, self.log) = (configuration, log)
        let folder = configuration.recordFolder.map { RecordingFolder(path: $0) { SystemClock().now } }
        outlets = [folder as (any RecordingSink)?, recording].compactMap { $0 }
    }

    /// Returns after SIGTERM or SIGINT, with every child ended.
    public func run() async throws(UserFacingError) {
        let signals = try SystemSignal.stream()
        for warning in configuration.warnings { log.warning("the configuration is odd", ["error.message": warning]) }
        let isDry = configuration.isDryRun
        let ports: Wiring.Ports = isDry ? try .readOnly(configuration) : try .real(configuration)
        // A dry run makes nothing, so it has no state folder to hold, and no socket in it.
        let lock = isDry ? nil : try InstanceLock(folder: configuration.stateFolder)
        defer { withExtendedLifetime(lock) {} }
        let (requests, feed) = AsyncStream.makeStream(of: RunRequest.self)
        let reception = ControlRouter(feed)
        let records = RecordingService(configuration, to: outlets, log: log) {
            feed.yield(.handOver(beginning: "a recording began"))
        }
        let desk = RecordingRoutes(records)
        let board = StatusHub(configuration.daemonStatus, store: isDry ? nil : ports.store, clock: SystemClock())
        let status = try StatusService(board, at: configuration.listen, log: log)
        let socket = StatePaths(folder: configuration.stateFolder).socket
        let question = NameQuestion(configuration, log: log)
        let control =
            isDry ? nil : try reception.open(at: socket, recording: desk, explaining: question, showing: board)
        Task { await reception.forward(signals) }
        log.info("started", introduction(listening: status.place))
        var beginning: String? = Session.start
        while let reason = beginning {
            let recorder = records.begin(ports, beginning: reason)
            let metered = ports.through(MeteredTransport(ports.transport, board.requests))
            let heard = recorder.map { metered.recorded(by: $0, configuration) } ?? metered
            let wiring = Wiring(
                configuration,
                ports: heard,
                log: log,
                tellsLog: true,
                onConnection: { board.engine($0) },
                onDelivery: { board.progressed(Progress(.notify, $0.notifier, .ended($0.outcome))) }
            )
            board.begin(wiring.sources)
            reception.current = .init(desk: wiring.desk, recorder: recorder)
            let session = Session(wiring, schedule: configuration.schedule, observer: observer(recorder, wiring, board))
            beginning = await session.run(requests, beginning: reason)
            if beginning != nil { recorder?.toldToEnd() }
        }
        await status.end()
        await desk.end()
        // certbot's hooks are served until the last certbot is gone.
        control?.stop()
        log.info("stopped")
    }

    private func introduction(listening place: String) -> Logger.Fields {
        [
            "service.version": landfallVersion, "docker": configuration.engine.description,
            "dns": configuration.providerNames.isEmpty
                ? "no provider's credentials are set" : configuration.providerNames.joined(separator: ", "),
            "listen": place, "dry_run": "\(configuration.isDryRun)",
        ]
    }

    private func observer(_ recorder: Recorder?, _ wiring: Wiring, _ board: StatusHub) -> RunObservers {
        let recorders: [any RunObserver] = recorder.map { [$0] } ?? []
        let runLog = RunLog(log) { [pipeline = wiring.pipeline] in pipeline.budgets }
        return RunObservers(all: recorders + [runLog, board, MemoryRelease()])
    }
}

/// The kernel maps the surroundings of every page that is touched, and a run touches much that waiting does not. Others
/// may have it until the next one, which gets it again in a few milliseconds.
private struct MemoryRelease: RunObserver {
    func ended(_ report: Report, at time: Duration) { landfall_release_memory() }
}
