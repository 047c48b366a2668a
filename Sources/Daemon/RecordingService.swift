import Configuration
import Log
import Model
import Ports
import Recording
import State
import Status
import Synchronization
import Threads
import Timing

/// What the daemon records, and where to. Nothing that goes wrong here is anybody else's trouble.
final class RecordingService: Sendable {
    /// For writing what is left.
    private static let patience = Duration.seconds(2)

    private let configuration: Configuration
    private let log: Logger
    /// None until somebody wants a recording.
    private let journal: Mutex<Journal?>
    /// Called when a recording waits for a session to begin with.
    private let onWant: @Sendable () -> Void

    /// - Parameter outlets: what gets everything from the first session on.
    init(
        _ configuration: Configuration,
        to outlets: [any RecordingSink],
        log: Logger,
        onWantingSession: @escaping @Sendable () -> Void
    ) {
        (self.configuration, self.log, onWant) = (configuration, log, onWantingSession)
        do throws(UserFacingError) {
            journal = Mutex(outlets.isEmpty ? nil : try Self.journal(configuration, outlets, log, onWantingSession))
        } catch {
            journal = Mutex(nil)
            log.warning("nothing is recorded", ["error.message": error.description])
        }
    }

    /// From the next session on, which is asked for, `outlet` gets what is recorded.
    func keepFromNextSession(_ outlet: any RecordingSink) throws(UserFacingError) {
        let isNew = try journal.withLock { journal throws(UserFacingError) in
            if let journal {
                journal.attach(outlet)
                return false
            }
            journal = try Self.journal(configuration, [outlet], log, onWant)
            return true
        }
        if isNew { onWant() }
    }

    /// Begins to record a session; nil when nobody wants that.
    func begin(_ ports: Wiring.Ports, beginning: String) -> Recorder? {
        guard let journal = journal.withLock(\.self) else { return nil }
        do throws(StateError) {
            // What only people look at decides nothing.
            let state = try ports.store.snapshot().filter { $0.key != StatusHub.room }
            let header = Header(
                version: landfallVersion,
                started: ports.clock.now,
                beginning: beginning,
                program: ports.program,
                environment: configuration.recordedEnvironment,
                state: state
            )
            return Recorder(header, journal: journal)
        } catch {
            log.warning("this session is not recorded", ["error.message": error.description])
            return nil
        }
    }

    /// Writes what was recorded so far.
    func flush() async {
        await journal.withLock(\.self)?.flush(within: Self.patience)
    }

    /// Ends the journal; everything was flushed.
    func finish() {
        journal.withLock(\.self)?.finish()
    }

    private static func journal(
        _ configuration: Configuration,
        _ outlets: [any RecordingSink],
        _ log: Logger,
        _ onWant: @escaping @Sendable () -> Void
    ) throws(UserFacingError) -> Journal {
        if let obstacle = configuration.recordingObstacle { throw UserFacingError(obstacle) }
        do throws(ThreadError) {
            let redactor = configuration.redactor
            let journal = try Journal(redactor: redactor, clock: SystemClock(), log: log, outlets: outlets)
            journal.onWantingSession(onWant)
            return journal
        } catch {
            throw UserFacingError(error.description)
        }
    }
}

extension Recorder: RunObserver {}

extension Configuration {
    /// Why no recording can be made with this configuration.
    var recordingObstacle: String? {
        secrets.first { $0.value.revealed.utf8.count < Redactor.shortest }.map {
            "\($0.name) has fewer than \(Redactor.shortest) characters, and could not be kept out of a recording"
        }
    }

    fileprivate var redactor: Redactor {
        let redactor = Redactor()
        for hidden in secrets + proxyLogins + programSecrets {
            redactor.hide(hidden.value.revealed, standIn: hidden.standIn)
        }
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
            interfaces: RecordingInterfaces(interfaces, recorder),
            updater: RecordingUpdater(updater, recorder),
            probe: RecordingProbe(probe, recorder),
            store: store,
            clock: clock,
            randomness: RecordingRandomness(randomness, recorder),
            program: program
        )
    }
}
