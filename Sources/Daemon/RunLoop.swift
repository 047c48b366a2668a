import Model
import Pipeline
import Timing

/// Turns triggers into runs, one at a time: the debounce decides when, this actor does the waiting.
actor RunLoop {
    typealias Perform = @Sendable (RunCause) async -> Report

    private let clock: any Clock
    private let interval: Duration
    private let perform: Perform
    private var debounce: Debounce
    private var alarm: Task<Void, Never>?
    private var timer: Task<Void, Never>?
    private var current: Task<Void, Never>?
    private var isStopped = false
    /// Who waits for the run that begins next, and who for the one that goes on.
    private var askers: [CheckedContinuation<Report?, Never>] = []
    private var served: [CheckedContinuation<Report?, Never>] = []

    init(_ debounce: Debounce, interval: Duration, clock: any Clock, perform: @escaping Perform) {
        self.debounce = debounce
        self.interval = interval
        self.clock = clock
        self.perform = perform
    }

    func trigger(_ reason: String, isUrgent: Bool = false) {
        debounce.trigger(at: clock.uptime, reason: reason, isUrgent: isUrgent)
        advance()
    }

    /// Asks for a run at once and returns its report; nil when the daemon stops first.
    func runNow(_ reason: String) async -> Report? {
        guard !isStopped else { return nil }
        return await withCheckedContinuation { continuation in
            askers.append(continuation)
            debounce.trigger(at: clock.uptime, reason: reason, isUrgent: true)
            advance()
        }
    }

    /// Abandons the run at its next safe point and waits for that.
    func stop() async {
        isStopped = true
        alarm?.cancel()
        timer?.cancel()
        current?.cancel()
        await current?.value
        for asker in askers + served { asker.resume(returning: nil) }
        (askers, served) = ([], [])
    }

    private func advance() {
        guard !isStopped else { return }
        alarm?.cancel()
        switch debounce.step(at: clock.uptime) {
        case .idle: break
        case .wait(let until): alarm = after(until - clock.uptime) { await $0.advance() }
        case .fire(let cause): begin(cause)
        }
    }

    private func begin(_ cause: RunCause) {
        timer?.cancel()
        (served, askers) = (askers, [])
        current = Task { [perform] in
            let report = await perform(cause)
            ended(report)
        }
    }

    private func ended(_ report: Report) {
        debounce.runEnded()
        for asker in served { asker.resume(returning: report) }
        served = []
        guard !isStopped else { return }
        timer = after(interval) { await $0.trigger("timer") }
        advance()
    }

    private func after(_ wait: Duration, _ act: @escaping @Sendable (RunLoop) async -> Void) -> Task<Void, Never> {
        Task { [clock] in
            guard (try? await clock.sleep(for: max(.zero, wait))) != nil else { return }
            await act(self)
        }
    }
}
