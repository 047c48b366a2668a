import Ports
import Report
import Synchronization

/// How long the stages of one run take.
final class StageTimes: Sendable {
    private let clock: any Clock
    private let start: Duration
    /// A stage that has two parts is in it twice.
    private let parts = Mutex<[StageReport]>([])

    init(_ clock: any Clock, since start: Duration) {
        (self.clock, self.start) = (clock, start)
    }

    /// In the order they began.
    var all: [StageReport] {
        let byStage = Dictionary(grouping: parts.withLock(\.self), by: \.stage)
        // Stages that began in the same moment stand in their order.
        return StageReport.Stage.allCases.compactMap { byStage[$0].flatMap(StageReport.init) }
            .enumerated().sorted { ($0.element.began, $0.offset) < ($1.element.began, $1.offset) }.map(\.element)
    }

    func measure<Value>(_ stage: StageReport.Stage, _ work: () async -> Value) async -> Value {
        let began = clock.uptime
        let value = await work()
        let report = StageReport(
            stage: stage,
            began: (began - start).inSeconds,
            duration: (clock.uptime - began).inSeconds
        )
        parts.withLock { $0.append(report) }
        return value
    }
}

extension StageTimes? {
    func measure<Value>(_ stage: StageReport.Stage, _ work: () async -> Value) async -> Value {
        if let self { await self.measure(stage, work) } else { await work() }
    }
}

extension StageReport {
    /// Of the parts of one stage.
    fileprivate init?(_ parts: [StageReport]) {
        guard let first = parts.min(by: { $0.began < $1.began }) else { return nil }
        self = StageReport(stage: first.stage, began: first.began, duration: parts.map(\.duration).reduce(0, +))
    }
}
