import Model
import Pipeline
import Ports
import Report
import TestSupport
import Testing
import Timing

/// What a report says of the way that its run went.
@Suite struct StageTimesTests {
    @Test func `a run reports how long each of its stages took`() async throws {
        let fixture = try PipelineFixture(certificates: true)
        let report = await fixture.run(.startUp)
        let stages = report.stages.map(\.stage)
        #expect(Set(stages).isSuperset(of: [.discover, .zones, .address, .record, .certificate]))
        #expect(stages.count == Set(stages).count && stages.first == .discover)
    }

    @Test func `a run that reads only the engine has fewer stages`() async throws {
        let fixture = try PipelineFixture()
        _ = await fixture.run(.startUp)
        let report = await fixture.run(.event)
        #expect(report.reach == .local)
        #expect(report.stages.map(\.stage).contains(.record) == false)
    }

    @Test func `what a run changed is reported in clauses, and so is what failed`() async throws {
        let fixture = try PipelineFixture()
        let report = await fixture.run(.startUp)
        #expect(report.changeClauses == ["web.example.test: created A 85.214.132.117"])
        #expect(report.failureClauses.isEmpty)
        fixture.reachEngine(false)
        let blind = await fixture.run(.startUp)
        #expect(blind.changeClauses.isEmpty)
        #expect(blind.failureClauses.count == 1 && blind.failureClauses[0].hasPrefix("discover: "))
        #expect(["a", "b", "c", "d"].shortened(to: 2) == ["a", "b", "2 more"])
    }
}
