import Composition
import Certificates
import Configuration
import Discovery
import Docker
import EventStream
import HTTPServer
import Log
import Model
import Ports
import Recording
import State
import Status
import Synchronization
import Threads
import Timing

/// Owns the daemon's journal and the sinks that it is written to. An error here never stops the daemon.
final class RecordingService: Sendable {
    private static let flushLimit = Duration.seconds(2)

    private let configuration: Configuration
    private let log: Logger
    /// Nil until the first recording starts.
    private let journal = Mutex<Journal?>(nil)
    /// Called when a recording waits for a new session to begin with.
    private let onWaiting: @Sendable () -> Void

    /// - Parameter sinks: what gets everything from the first session on.
    init(
        _ configuration: Configuration,
        to sinks: [any RecordingSink],
        log: Logger,
        onWaiting: @escaping @Sendable () -> Void
    ) {
        (self.configuration, self.log, self.onWaiting) = (configuration, log, onWaiting)
        guard !sinks.isEmpty else { return }
        do throws(UserFacingError) {
            let first = try makeJournal(sinks)
            journal.withLock { $0 = first }
        } catch {
            log.warning("cannot record", [.error: "\(error)"])
        }
    }

    /// Adds a sink from the next session on, and requests that session.
    func addFromNextSession(_ sink: any RecordingSink) throws(UserFacingError) {
        let isNew = try journal.withLock { journal throws(UserFacingError) in
            if let journal {
                journal.attach(sink)
                return false
            }
            journal = try makeJournal([sink])
            return true
        }
        if isNew { onWaiting() }
    }

    /// Starts to record a session; returns nil if nothing is recorded.
    func begin(_ ports: Dependencies, beginning: String) -> Recorder? {
        guard let journal = journal.withLock(\.self) else { return nil }
        do throws(StateError) {
            // The status history is for people only and decides nothing.
            let state = try ports.store.snapshot().filter { !StatusHub.namespaces.contains($0.key) }
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
            log.warning("cannot record this session", [.error: "\(error)"])
            return nil
        }
    }

    /// Writes everything recorded so far.
    func flush() async { await journal.withLock(\.self)?.flush(within: Self.flushLimit) }

    /// Ends the journal, which was flushed before.
    func finish() { journal.withLock(\.self)?.finish() }

    private func makeJournal(_ sinks: [any RecordingSink]) throws(UserFacingError) -> Journal {
        try configuration.checkRecordable()
        let redactor = configuration.redactor
        return try userFacing { () throws(ThreadError) in
            try Journal(redactor: redactor, clock: SystemClock(), log: log, sinks: sinks, onNeedingSession: onWaiting)
        }
    }
}

/// The routes of `landfall record`: `POST /record` starts a recording, `GET /record?id=…` fetches what was recorded since
/// the last fetch, and `DELETE /record?id=…` ends it and fetches the rest.
final class RecordingRoutes: Sendable {
    /// How many clients may record at a time.
    private static let limit = 4
    /// How long a fetch waits for something to be recorded.
    private static let fetchWait = Duration.seconds(10)
    /// How long the daemon waits for clients to fetch the rest when it ends.
    private static let endWait = Duration.seconds(1)

    private let service: RecordingService
    private let sinks = Mutex<[String: StreamingSink]>([:])

    init(_ service: RecordingService) { self.service = service }

    var routes: [Route] {
        [
            Route("POST", "/record", access: .owner) { [self] _ in begin() },
            Route("GET", "/record", access: .owner) { [self] request in
                guard let (_, sink) = sink(request) else { return Self.unknown }
                return Self.response(await sink.fetch(waiting: Self.fetchWait))
            },
            Route("DELETE", "/record", access: .owner) { [self] request in
                guard let (id, sink) = sink(request) else { return Self.unknown }
                await service.flush()
                sinks.withLock { $0[id] = nil }
                sink.end()
                return Self.response(sink.fetch() ?? [])
            },
        ]
    }

    /// Writes what was recorded and lets clients fetch the rest.
    func end() async {
        await service.flush()
        service.finish()
        let sinks = sinks.withLock { Array($0.values) }.filter { !$0.isOver }
        for sink in sinks { sink.end() }
        _ = try? await withTimeout(Self.endWait, of: SystemClock()) {
            while !sinks.allSatisfy(\.isEndDelivered) { try await SystemClock().sleep(for: .milliseconds(20)) }
            return true
        }
    }

    private func begin() -> ServerResponse {
        let sink = StreamingSink(clock: SystemClock())
        let id = SystemRandomness().token(bytes: 8, for: .run)
        let isAdded = sinks.withLock { sinks in
            sinks = sinks.filter { !$0.value.isOver }
            guard sinks.count < Self.limit else { return false }
            sinks[id] = sink
            return true
        }
        guard isAdded else { return .text("\(Self.limit) clients are recording already\n", status: 409) }
        do throws(UserFacingError) {
            try service.addFromNextSession(sink)
            return .text(id)
        } catch {
            return .text("\(error)\n", status: 409)
        }
    }

    private func sink(_ request: ServerRequest) -> (id: String, sink: StreamingSink)? {
        guard let id = request.query["id"] else { return nil }
        return sinks.withLock { $0[id] }.map { (id, $0) }
    }

    private static let unknown = ServerResponse.text("no such recording\n", status: 404)

    private static func response(_ lines: [UInt8]?) -> ServerResponse {
        guard let lines else { return .text("the daemon is stopping\n", status: 410) }
        return ServerResponse(headers: ["Content-Type": "application/x-ndjson"], body: lines)
    }
}

extension Recorder: RunObserver {}

extension Configuration {
    /// Throws if a secret is too short to be kept out of a recording.
    func checkRecordable() throws(UserFacingError) {
        guard let short = secrets.first(where: { $0.value.revealed.utf8.count < Redactor.shortest }) else { return }
        throw UserFacingError(
            "\(short.name) has fewer than \(Redactor.shortest) characters, and could not be kept out of a recording"
        )
    }

    fileprivate var redactor: Redactor {
        let redactor = Redactor()
        for hidden in secrets + proxyLogins + programSecrets {
            redactor.hide(hidden.value.revealed, replacement: hidden.placeholder, isWhole: hidden.isWhole)
        }
        return redactor
    }

    /// The configuration, and the machine-dependent defaults that influence decisions.
    fileprivate var recordedEnvironment: [String: String] {
        let concurrency = certificates.concurrency ?? Wiring.defaultConcurrency
        return recordable.merging(["LANDFALL_CONCURRENCY": "\(concurrency)"]) { $1 }
    }
}

extension Dependencies {
    /// The same with every exchange recorded.
    func recorded(by recorder: Recorder, _ configuration: Configuration) -> Dependencies {
        var copy = self
        let rules = configuration.discovery
        copy.ports = ports.recorded(by: recorder, engine: EngineFilter(rules), files: rules.sources.recordable)
        return copy
    }
}

extension EngineFilter {
    /// Lets through what the engine's endpoints decode, and the labels that `rules` read.
    init(_ rules: DiscoveryRules) {
        self.init { response, url in
            EngineExtract.body(of: response, to: url, labels: rules.recordable)
        } events: {
            let extract = EventExtract(hostLabels: rules.hostLabels)
            return { extract.lines(in: $0) }
        }
    }
}

extension Arrival.Content {
    static func hook(_ request: HookRequest, of lineage: String) -> Self {
        .hook(
            lineage: lineage,
            action: request.action.rawValue,
            domain: request.domain,
            validation: request.validation,
            remaining: request.remaining
        )
    }
}

extension HookRequest {
    /// A recorded call with the token of the certbot that replays it.
    init?(_ call: Arrival.Content, from request: ProcessRequest) {
        guard case .hook(_, let action, let domain, let validation, let remaining) = call,
            let action = Action(rawValue: action), let token = request.environment[HookClient.tokenVariable]
        else { return nil }
        self.init(action: action, token: token, domain: domain, validation: validation, remaining: remaining)
    }
}
