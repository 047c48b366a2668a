import Composition
import Configuration
import EventStream
import Notices
import Pipeline
import Ports
import Timing

/// What a session is asked for from outside, besides the engine's events and its own timer.
enum RunRequest: Sendable {
    case hangUp
    /// A run, now, which may make the deletions of that code; the reply gets the report, or nil when the session ends
    /// before.
    case once(confirming: String? = nil, RunLoop.Reply)
    /// The session is to end at its next free moment, and another to follow for the reason given. What is asked for after
    /// this is left to that one.
    case handOver(beginning: String)
}

/// The daemon's work from one beginning to its end: triggers from the engine, the timer and requests, and one run at a
/// time.
///
/// Whatever it remembers was born with it or lies in the state store, so it can be replayed alone. All of it stays on the
/// task executor of whoever runs it.
struct Session: Sendable {
    /// What notices get to be delivered at the very end; the rest waits in the store.
    private static let farewell: Duration = .seconds(3)

    /// How the first session of a daemon begins.
    static let start = "start-up"

    private let wiring: Wiring
    private let schedule: Configuration.Schedule
    private let observer: any RunObserver
    private let perform: RunLoop.Perform

    /// - Parameters:
    ///   - wiring: its own; no other session may have used it.
    ///   - perform: a run; nil is the pipeline's.
    init(
        _ wiring: Wiring,
        schedule: Configuration.Schedule,
        observer: any RunObserver,
        perform: RunLoop.Perform? = nil
    ) {
        (self.wiring, self.schedule, self.observer) = (wiring, schedule, observer)
        self.perform =
            perform ?? { [pipeline = wiring.pipeline] cause in
                await pipeline.reconcile(cause) { observer.progressed($0) }
            }
    }

    /// Begins with a run, and returns when `requests` ends, the run in flight abandoned at its next safe point and every
    /// child ended; or when it hands over.
    ///
    /// - Returns: The reason for which another session shall follow on the same `requests`; nil when none shall.
    func run(_ requests: AsyncStream<RunRequest>, beginning: String = Self.start) async -> String? {
        let debounce = Debounce(quiet: schedule.quiet, maxWait: schedule.maximumWait, interval: schedule.interval)
        let loop = RunLoop(debounce, clock: wiring.clock, observer: observer, perform: perform)
        let notices = wiring.pipeline.notices
        if beginning == Self.start { notices.announceStart() }
        loop.trigger(Trigger(.startUp, beginning))
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await notices.run() }
            let next = await performRuns(loop, for: requests)
            if next == nil { notices.announceStop() }
            await notices.end(within: next == nil ? Self.farewell : .seconds(1))
            group.cancelAll()
            return next
        }
    }

    private func performRuns(_ loop: RunLoop, for requests: AsyncStream<RunRequest>) async -> String? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [events = wiring.events] in await events.run { loop.trigger($0) } }
            async let runs: Void = loop.run()
            let next = await Self.serve(requests, loop)
            if next != nil { await runs }
            group.cancelAll()
            return next
        }
    }

    private static func serve(_ requests: AsyncStream<RunRequest>, _ loop: RunLoop) async -> String? {
        for await request in requests {
            switch request {
            case .hangUp: loop.trigger(Trigger(.hangUp))
            case .once(let code, let reply): loop.trigger(Trigger(.once, confirmation: code), reply: reply)
            case .handOver(let beginning):
                loop.endWhenFree()
                return beginning
            }
        }
        return nil
    }
}
