import Configuration
import Log
import Model
import Recording
import State
import Synchronization
import Threads
import Timing

/// What the daemon records, and where to. Nothing that goes wrong here is anybody else's trouble.
final class RecordKeeping: Sendable {
    /// For writing what is left when the daemon ends.
    private static let patience = Duration.seconds(2)

    private let configuration: Configuration
    private let log: Logger
    /// None until somebody wants a recording.
    private let journal = Mutex<Journal?>(nil)
    /// Called when a recording waits for a session to begin with.
    private let onWant: @Sendable () -> Void

    init(_ configuration: Configuration, log: Logger, onWantingSession: @escaping @Sendable () -> Void) {
        (self.configuration, self.log) = (configuration, log)
        onWant = onWantingSession
        guard let folder = configuration.recordFolder else { return }
        let clock = SystemClock()
        do throws(ThreadError) {
            try keep(RecordingFolder(path: folder) { clock.now })
        } catch {
            log.warning("nothing is recorded", ["error.message": error.description])
        }
    }

    /// From the next session on, `outlet` gets what is recorded.
    func keep(_ outlet: any Outlet) throws(ThreadError) {
        try journal.withLock { journal throws(ThreadError) in
            if let journal {
                journal.attach(outlet)
            } else {
                let redactor = configuration.redactor
                journal = try Journal(redactor: redactor, clock: SystemClock(), log: log, outlets: [outlet])
                journal?.onWantingSession(onWant)
            }
        }
    }

    /// Begins to record a session; nil when nobody wants that.
    func begin(_ ports: Wiring.Ports, beginning: String) -> Recorder? {
        guard let journal = journal.withLock(\.self) else { return nil }
        do throws(StateError) {
            let header = Header(
                version: landfallVersion,
                started: ports.clock.now,
                beginning: beginning,
                program: ports.program,
                environment: configuration.recordedEnvironment,
                state: try ports.store.snapshot()
            )
            return Recorder(header, journal: journal)
        } catch {
            log.warning("this session is not recorded", ["error.message": error.description])
            return nil
        }
    }

    /// Writes what was recorded so far.
    func finish() async {
        await journal.withLock(\.self)?.finish(within: Self.patience)
    }
}

extension Recorder: RunObserver {}

extension Configuration {
    fileprivate var redactor: Redactor {
        let redactor = Redactor()
        for secret in hidden { redactor.hide(secret.value.revealed, standIn: secret.standIn) }
        return redactor
    }

    /// With what else decides here and may be another elsewhere.
    fileprivate var recordedEnvironment: [String: String] {
        let concurrency = certificates.concurrency ?? Wiring.usualConcurrency
        return recordable.merging(["LANDFALL_CONCURRENCY": "\(concurrency)"]) { $1 }
    }
}

extension Wiring.Ports {
    /// The same ports, of which everything is recorded.
    func recorded(by recorder: Recorder, _ configuration: Configuration) -> Wiring.Ports {
        Wiring.Ports(
            transport: RecordingTransport(transport, recorder, engine: EngineReading(configuration.discovery)),
            files: RecordingFiles(files, recorder),
            keys: RecordingKeys(keys, recorder),
            locks: RecordingLocks(locks, recorder),
            processes: RecordingProcesses(processes, recorder),
            resolver: RecordingResolver(resolver, recorder),
            store: store,
            clock: clock,
            randomness: RecordingRandomness(randomness, recorder),
            program: program
        )
    }
}
