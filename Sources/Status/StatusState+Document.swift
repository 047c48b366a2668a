import Model
import Ports
import Report

extension StatusDocument {
    init(
        _ knowledge: StatusState,
        budgets: [RequestBudget],
        limits: [RateLimitUsage],
        backoffs: [FailurePause],
        now: Timestamp
    ) {
        daemon = knowledge.daemon
        self.now = now
        revision = knowledge.revision
        engine = knowledge.engine
        run = knowledge.run
        nextRun = knowledge.nextRun
        hosts = knowledge.hosts
        addresses = knowledge.report?.addresses ?? []
        refusals = knowledge.report?.refusals ?? []
        hints = knowledge.report?.hints ?? []
        problems = knowledge.report?.problems ?? []
        deletions = knowledge.report?.deletions.flatMap { $0.isConfirmed ? nil : $0 }
        self.budgets = budgets
        self.limits = limits
        self.backoffs = backoffs.filter { $0.until > now }
        runs = knowledge.runs
        troubles = knowledge.troubles
        hasFailures = knowledge.hasFailures
    }
}

extension StatusState {
    fileprivate var hasFailures: Bool {
        engine.state == .lost || engine.obstacle != nil || report?.problems.isEmpty == false
            || hosts?.contains { $0.mark == .failed } == true
    }

    /// A sentence for each part that is not well.
    fileprivate var troubles: [String] {
        let failed = hosts?.count { $0.mark == .failed } ?? 0
        let refused = (hosts?.count { $0.mark == .refused } ?? 0) + (report?.refusals.count ?? 0)
        return [
            engine.state == .lost ? "The engine is not reached: \(engine.reason ?? "no answer")." : nil,
            engine.obstacle.map { "\($0.prefix(1).uppercased())\($0.dropFirst())." },
            failed == 0 ? nil : "\(failed) \(failed == 1 ? "host is" : "hosts are") in trouble.",
            refused == 0 ? nil : "\(refused) \(refused == 1 ? "wish is" : "wishes are") refused until a person acts.",
            report?.problems.isEmpty ?? true ? nil : "The last run could not see everything.",
            report?.deletions.map(\.isConfirmed) == false ? "Deletions wait for a confirmation." : nil,
        ].compactMap(\.self)
    }
}
