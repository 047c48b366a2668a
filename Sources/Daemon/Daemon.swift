import Certificates
import CSystem
public import Configuration
import Docker
import EventStream
public import Log
import Model
import Pipeline
import Timing

/// The daemon: triggers from the engine, the timer and signals, one run at a time, until it is told to stop.
public struct Daemon: Sendable {
    private let configuration: Configuration
    private let log: Logger

    public init(_ configuration: Configuration, log: Logger) {
        (self.configuration, self.log) = (configuration, log)
    }

    /// Returns after SIGTERM or SIGINT, with every child ended.
    public func run() async throws(StartError) {
        let signals = try SystemSignal.stream()
        for warning in configuration.warnings { log.warning("the configuration is odd", ["error.message": warning]) }
        let isDry = configuration.isDryRun
        let ports: Wiring.Ports = isDry ? try .readOnly(configuration) : try .real(configuration)
        // A dry run makes nothing, so it has no state folder to hold, and no socket in it.
        let lock = isDry ? nil : try InstanceLock(folder: configuration.stateFolder)
        defer { withExtendedLifetime(lock) {} }
        let wiring = Wiring(configuration, ports: ports, log: log, tellsLog: true)
        let loop = runLoop(wiring)
        let control = isDry ? nil : try control(wiring.desk, loop)
        log.info("started", introduction)
        await watch(wiring, loop, signals)
        // certbot's hooks are served until the last certbot is gone.
        await loop.stop()
        control?.stop()
        log.info("stopped")
    }

    private func control(_ desk: ChallengeDesk, _ loop: RunLoop) throws(StartError) -> ControlServer {
        try ControlServer(path: StatePaths(folder: configuration.stateFolder).socket, desk: desk) {
            await loop.runNow("asked for by hand")
        }
    }

    private var introduction: Logger.Fields {
        [
            "service.version": landfallVersion, "docker": configuration.engine.description,
            "dns": configuration.cloudflare == nil ? "dry run: no provider's credentials are set" : "Cloudflare",
            "dry_run": "\(configuration.isDryRun)",
        ]
    }

    private func runLoop(_ wiring: Wiring) -> RunLoop {
        let schedule = configuration.schedule
        let debounce = Debounce(quiet: schedule.quiet, maxWait: schedule.maximumWait)
        return RunLoop(debounce, interval: schedule.interval, clock: wiring.clock) { [log] cause in
            let report = await wiring.pipeline.run(cause)
            RunLog(log).write(report)
            // The kernel maps the surroundings of every page that is touched, and a run touches much that waiting does
            // not. Others may have it until the next one, which gets it again in a few milliseconds.
            landfall_release_memory()
            return report
        }
    }

    /// Feeds the loop until a signal asks for the end.
    private func watch(_ wiring: Wiring, _ loop: RunLoop, _ signals: AsyncStream<SystemSignal>) async {
        // Bounded: of a storm, one trigger is as good as all.
        let (triggers, feed) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1024))
        let reader = Task { await wiring.events.run { feed.yield($0.description) } }
        let feeder = Task { for await trigger in triggers { await loop.trigger(trigger) } }
        await loop.trigger("start-up", isUrgent: true)
        for await signal in signals {
            guard signal == .hangUp else { break }
            await loop.trigger("SIGHUP", isUrgent: true)
        }
        reader.cancel()
        feeder.cancel()
        await reader.value
    }
}
