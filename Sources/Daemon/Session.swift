import Composition
import Configuration
import Delivery
import EventStream
import Notices
import Pipeline
import Ports
import Timing

/// A request to a session from outside, besides the engine's events and its own timer.
enum RunRequest: Sendable {
    case hangUp
    case fileChanged
    /// A run now, which may perform the deletions with that code; the reply gets nil if the session ends before.
    case once(confirming: String? = nil, RunLoop.Reply)
    /// End the session at its next idle moment, so that another one follows for this reason. Later requests are for that one.
    case handOver(beginning: String)
}

/// One session of the daemon: triggers from the engine, the timer and requests, and one run at a time. It starts from
/// the state store alone, and stays on the task executor of its caller, so it can be replayed.
struct Session: Sendable {
    /// How long notices may take to be delivered at the end; the rest stays in the store.
    private static let noticeLimit: Duration = .seconds(3)

    /// The reason for the first session of a daemon.
    static let start = "start-up"

    private let wiring: Wiring
    private let schedule: Configuration.Schedule
    private let observers: [any RunObserver]
    private let perform: RunLoop.Perform

    /// - Parameter perform: performs a run; nil for the pipeline's runs.
    init(
        _ wiring: Wiring,
        _ schedule: Configuration.Schedule,
        observers: [any RunObserver],
        perform: RunLoop.Perform? = nil
    ) {
        (self.wiring, self.schedule, self.observers) = (wiring, schedule, observers)
        self.perform =
            perform ?? { [pipeline = wiring.pipeline] cause in
                await pipeline.reconcile(cause) { progress in
                    for observer in observers { observer.progressed(progress) }
                }
            }
    }

    /// Begins with a run. Returns the reason for another session when this one hands over; or nil when `requests` has
    /// ended, the run in flight was abandoned at its next safe point, and every child process has ended.
    func run(_ requests: AsyncStream<RunRequest>, beginning: String = Self.start) async -> String? {
        let debounce = Debounce(quiet: schedule.quiet, maxWait: schedule.maximumWait, interval: schedule.interval)
        let loop = RunLoop(debounce, clock: wiring.clock, observers: observers, perform: perform)
        let notices = wiring.pipeline.notices
        wiring.pipeline.serving.prepareToRun()
        if beginning == Self.start { notices.announceStart() }
        loop.trigger(Trigger(.startUp, beginning))
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await notices.run() }
            let next = await performRuns(loop, for: requests)
            if next == nil { notices.announceStop() }
            await notices.end(within: next == nil ? Self.noticeLimit : .seconds(1))
            group.cancelAll()
            return next
        }
    }

    private func performRuns(_ loop: RunLoop, for requests: AsyncStream<RunRequest>) async -> String? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [events = wiring.events] in await events.run { loop.trigger($0) } }
            group.addTask { [serving = wiring.pipeline.serving] in
                await serving.run { loop.trigger(Trigger(.event, "another certificate is served")) }
            }
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
            case .fileChanged: loop.trigger(Trigger(.file))
            case .once(let code, let reply): loop.trigger(Trigger(.once, confirmation: code), reply: reply)
            case .handOver(let beginning):
                loop.endWhenFree()
                return beginning
            }
        }
        return nil
    }
}
