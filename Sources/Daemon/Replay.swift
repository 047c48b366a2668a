import Certificates
import Composition
import Configuration
import EventStream
import Log
package import Model
import Pipeline
package import Recording
import State
import Synchronization
import Timing

/// A replay of a recorded session: the same code with recorded ports.
package struct Replay: Sendable {
    /// What to change in a replay.
    package struct Changes: Sendable {
        package var end: ReplayEnd?
        package var quiet: Duration?
        package var maximumWait: Duration?

        package init(end: ReplayEnd? = nil, quiet: Duration? = nil, maximumWait: Duration? = nil) {
            (self.end, self.quiet, self.maximumWait) = (end, quiet, maximumWait)
        }

        /// Whether the decisions may differ from the recorded ones.
        package var hasOtherSettings: Bool { quiet != nil || maximumWait != nil }
    }

    package struct Result: Sendable {
        package let timeline: Timeline
        /// How the decisions differ from the recorded ones; nil if other settings were tried.
        package let difference: DecisionDifference?
        /// The requests to the ports that the recording does not have, and those with another body.
        package let deviations: [String]
        /// The exchanges of the recording that were not used. They matter only if every exchange must match.
        package let unused: [String]
    }

    private let recording: RecordedSession
    private let changes: Changes
    private let configuration: Configuration
    private let time: VirtualTime

    package init(_ recording: RecordedSession, _ changes: Changes = Changes()) throws(UserFacingError) {
        (self.recording, self.changes) = (recording, changes)
        do throws(ConfigurationError) {
            configuration = try Configuration(recorded: recording.header.environment)
        } catch {
            throw UserFacingError("the recording's configuration is wrong: \(error.problems.joined(separator: "; "))")
        }
        time = VirtualTime(from: recording.header.started, sleeps: recording.sleepLimit)
    }

    /// Replays on the calling thread.
    package func run() throws(UserFacingError) -> Result {
        let solver = Mutex<DNS01Solver?>(nil)
        let replay = ReplayedPorts(
            recording,
            clock: time,
            isFaithful: !changes.hasOtherSettings,
            reason: Self.reason
        ) { call, request in
            guard let hook = HookRequest(call, from: request) else { return }
            _ = await solver.withLock(\.self)?.handle(hook)
        }
        let builder = TimelineBuilder(clock: time)
        let log = Logger(level: .info, format: .text, now: { [time] in time.now }) {
            // The timeline has its own times.
            builder.add(.note, String($0.dropFirst("16:52:29.906 ".count)))
        }
        let program = recording.header.program
        let dependencies = Dependencies(ports: replay.ports, store: try store(), program: program)
        let wiring = Wiring(configuration, ports: dependencies, log: log, logsNotices: true)
        solver.withLock { $0 = wiring.solver }
        let ends = RunEnds(recording, clock: time, isFaithful: !changes.hasOtherSettings)
        let (requests, feed) = AsyncStream.makeStream(of: RunRequest.self)
        let limit = runLimit
        let session = Session(wiring, schedule, observers: [builder]) { [pipeline = wiring.pipeline] cause in
            let report = await pipeline.reconcile(cause, progress: builder.progressed)
            if await ends.next() == limit {
                builder.add(.note, "the replay stops: \(limit) runs are twice as many as were recorded")
                feed.finish()
            }
            return report
        }
        let events = recording.engineEvents
        do throws(VirtualTime.Stuck) {
            try time.run {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { _ = await session.run(requests, beginning: recording.header.beginning) }
                    group.addTask { await show(events, in: builder) }
                    group.addTask { await setClock() }
                    await repeatRequests(feed)
                    group.cancelAll()
                }
            }
        } catch {
            switch error {
            case .waiting: throw UserFacingError("the replay waits for something that is not in the recording")
            case .endless:
                throw UserFacingError(
                    "the replay does not end: it waits far more often than the session that was recorded"
                )
            }
        }
        return Result(
            timeline: builder.timeline,
            difference: changes.hasOtherSettings ? nil : difference(builder.decisions),
            deviations: replay.deviations,
            unused: replay.unused
        )
    }

    private func difference(_ decisions: [Decision]) -> DecisionDifference {
        let end = recording.end(changes.end)
        let recorded = recording.decisions.filter { $0.at <= end }
        let replayed = decisions.filter { $0.at <= end }
        // The last decisions may be missing.
        let count = recording.wasCutOff ? recorded.count : replayed.count
        return DecisionDifference(recorded: recorded, replayed: Array(replayed.prefix(count)))
    }

    /// The reason for a run that an event of the engine gives, if any.
    private static func reason(_ event: String) -> String? {
        var decoder = EventDecoder()
        return decoder.events(in: Array("\(event)\n".utf8)).first?.trigger.description
    }

    private func store() throws(UserFacingError) -> StateStore {
        do throws(StateError) {
            return try StateStore.inMemory(recording.header.state, version: recording.header.stateVersion ?? 0)
        } catch {
            throw UserFacingError("cannot load the recording's state: \(error)")
        }
    }

    private var schedule: Configuration.Schedule {
        Configuration.Schedule(
            quiet: changes.quiet ?? configuration.schedule.quiet,
            maximumWait: changes.maximumWait ?? configuration.schedule.maximumWait,
            interval: configuration.schedule.interval
        )
    }

    /// Twice as many runs as were recorded. With other settings, every trigger may become a run of its own.
    private var runLimit: Int {
        let triggers = recording.decisions.count { if case .triggered = $0.content { true } else { false } }
        return 2 * max(1, recording.runs.count + (changes.hasOtherSettings ? triggers : 0))
    }

    /// Just after the last recorded decision.
    private var end: Duration { .nanoseconds(recording.end(changes.end) + 1) }

    /// Repeats the recorded requests, and ends the session when the recording ends.
    private func repeatRequests(_ feed: AsyncStream<RunRequest>.Continuation) async {
        for arrival in recording.arrivals {
            guard case .request(let reason, let confirmation) = arrival.content, .nanoseconds(arrival.at) <= end else {
                continue
            }
            try? await time.sleep(until: .nanoseconds(arrival.at))
            switch Trigger.Kind(rawValue: reason) {
            case .hangUp: feed.yield(.hangUp)
            case .file: feed.yield(.fileChanged)
            default: feed.yield(.once(confirming: confirmation) { _ in })
            }
        }
        try? await time.sleep(until: end)
        feed.finish()
    }

    private func setClock() async {
        for jump in recording.jumps {
            guard (try? await time.sleep(until: .nanoseconds(jump.at))) != nil else { return }
            time.setWallClock(by: .nanoseconds(jump.by))
        }
    }

    private func show(_ events: [(at: Nanoseconds, text: String)], in builder: TimelineBuilder) async {
        for event in events {
            guard (try? await time.sleep(until: .nanoseconds(event.at))) != nil else { return }
            builder.add(.event, event.text)
        }
    }
}

extension TimelineBuilder: RunObserver {}

/// When the recording's runs ended. A replay computes in no time, so its runs would end earlier, and decisions about
/// what came in between would differ.
private actor RunEnds {
    private var ends: ArraySlice<Nanoseconds>
    private var count = 0
    private let clock: VirtualTime

    init(_ recording: RecordedSession, clock: VirtualTime, isFaithful: Bool) {
        ends = isFaithful ? recording.runs.map(\.span.upperBound)[...] : []
        self.clock = clock
    }

    /// Returns how many runs have ended.
    func next() async -> Int {
        count += 1
        if let end = ends.popFirst() { try? await clock.sleep(until: .nanoseconds(end)) }
        return count
    }
}
