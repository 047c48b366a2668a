import Certificates
import Composition
package import Configuration
import Discovery
import Files
package import Log
package import Model
import Notices
import Pipeline
import Ports
package import Recording
import Report
import Status
import System
import Threads
import Timing

/// The daemon: one session after another, until SIGTERM or SIGINT.
package struct Daemon: Sendable {
    private let configuration: Configuration
    private let log: Logger
    private let sinks: [any RecordingSink]

    /// - Parameter recording: a file that everything is recorded to, besides the configured folder.
    package init(_ configuration: Configuration, log: Logger, recording: RecordingFile? = nil) {
        (self.configuration, self.log) = (configuration, log)
        let folder = configuration.recordFolder.map { RecordingFolder(path: $0) { SystemClock().now } }
        sinks = [folder as (any RecordingSink)?, recording].compactMap { $0 }
    }

    /// Returns after SIGTERM or SIGINT, when every child process has ended.
    package func run() async throws(UserFacingError) {
        let signals = try SystemSignal.stream()
        for warning in configuration.warnings {
            log.warning("the configuration has a questionable value", [.detail: .string(warning)])
        }
        if configuration.certificates.isOn, let group = configuration.certificates.options.keyGroup,
            let reason = SystemFiles.reasonAgainstGranting(to: group)
        {
            log.error("private keys cannot be given to their group", [.group: .string(group), .error: .string(reason)])
        }
        let isDryRun = configuration.isDryRun
        // A dry run creates no files, and so has no lock. Its socket has a name outside of the file system.
        let lock = isDryRun ? nil : try InstanceLock(configuration)
        defer { withExtendedLifetime(lock) {} }
        let ports =
            if let lock { try Dependencies.real(configuration, lock) } else { try Dependencies.readOnly(configuration) }
        let (requests, feed) = AsyncStream.makeStream(of: RunRequest.self)
        let router = ControlRouter(feed)
        let recordings = RecordingService(configuration, to: sinks, log: log) {
            feed.yield(.handOver(beginning: "a recording began"))
        }
        let recordingRoutes = RecordingRoutes(recordings)
        let hub = StatusHub(configuration.daemonStatus, store: isDryRun ? nil : ports.store, clock: SystemClock())
        let server = try AdminServer(
            StatusRoutes(hub).routes + router.routes(explainingBy: SingleRun(configuration, log: log))
                + recordingRoutes.routes,
            page: configuration.listen,
            hosts: configuration.listenHosts,
            socket: isDryRun ? configuration.dryRunSocket : configuration.socketPath,
            mayLackSocket: isDryRun,
            log: log
        )
        let history = Task { await hub.saveHistory() }
        Task { await router.forward(signals) }
        let watch = configuration.discovery.sources.folders.isEmpty ? nil : try watchFolders(feed)
        defer { watch?.stop() }
        log.info("started", introduction(listening: server.place))
        await runSessions(requests, ports, router, recordings, hub)
        hub.stop()
        server.stopPage()
        await history.value
        await recordingRoutes.end()
        // certbot's hooks are served until the last certbot has ended.
        server.stopSocket()
        log.info("stopped")
    }

    /// Asks for a run when a file that declares hosts changes. Without it, changes are seen at the next run.
    private func watchFolders(_ feed: AsyncStream<RunRequest>.Continuation) throws(UserFacingError) -> FolderWatch? {
        guard let watch = FolderWatch(configuration.discovery.sources.folders) else {
            log.warning("the folders of traefik-file cannot be watched; they are read at every run")
            return nil
        }
        if let failure = watch.failure {
            log.warning(
                "a folder of traefik-file cannot be watched; it is read at every run",
                [.error: .string(failure)]
            )
        }
        do throws(ThreadError) {
            try startThread(named: "folders") { while watch.wait() { feed.yield(.fileChanged) } }
        } catch {
            throw UserFacingError("\(error)")
        }
        return watch
    }

    /// Runs sessions until one ends without asking for another.
    private func runSessions(
        _ requests: AsyncStream<RunRequest>,
        _ ports: Dependencies,
        _ router: ControlRouter,
        _ recordings: RecordingService,
        _ hub: StatusHub
    ) async {
        var beginning: String? = Session.start
        while let reason = beginning {
            let recorder = recordings.begin(ports, beginning: reason)
            var metered = ports
            metered.transport = MeteredTransport(ports.transport, hub.requests)
            let wiring = Wiring(
                configuration,
                ports: recorder.map { metered.recorded(by: $0, configuration) } ?? metered,
                log: log,
                logsNotices: true,
                onConnection: { hub.connectionChanged($0) },
                onDelivery: { hub.progressed(Progress(.notify, $0.notifier, .ended($0.outcome))) }
            )
            hub.sessionBegan(wiring.statusSources)
            router.current = .init(solver: wiring.solver, recorder: recorder)
            let observers = [recorder, RunLog(log), hub, MemoryRelease()] as [(any RunObserver)?]
            let session = Session(wiring, configuration.schedule, observers: observers.compactMap(\.self))
            beginning = await session.run(requests, beginning: reason)
            if beginning != nil { recorder?.arrived(.end) }
        }
    }

    private func introduction(listening place: String) -> Logger.Fields {
        [
            .serviceVersion: .string(landfallVersion), .docker: "\(configuration.engine)",
            .dns: .strings(configuration.providerNames), .listen: .string(place),
            .dryRun: .bool(configuration.isDryRun),
        ]
    }
}

/// Gives memory back to the system after each run; the next run gets it again within a few milliseconds.
private struct MemoryRelease: RunObserver {
    func ended(_ report: Report, at time: Duration) { CurrentProcess.releaseMemory() }
}

extension StatusHub: RunObserver {}

extension Wiring {
    /// What the status reads from this session for each request.
    fileprivate var statusSources: StatusHub.Sources {
        StatusHub.Sources(
            budgets: { [pipeline] in pipeline.budgets },
            limits: { [pipeline] in pipeline.certificates.rateLimitUsage().value ?? [] },
            backoffs: { [pipeline] in
                pipeline.certificates.failures.sorted { $0.key < $1.key }.map { lineage, failure in
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
    fileprivate var daemonStatus: DaemonStatus {
        let switches = [("records", records.isOn), ("certificates", certificates.isOn), ("signals", signals.isOn)]
        return DaemonStatus(
            version: landfallVersion,
            instance: instance,
            started: SystemClock().now,
            isDryRun: isDryRun,
            switchedOff: switches.filter { !$0.1 }.map(\.0)
        )
    }
}
