import Emulators
import Model
import Notices
import Pipeline
import Ports
import Records
import Report
import TestSupport
import Testing
import Timing

/// What a run tells of deletions, and what it lets count.
@Suite struct DeletingTests {
    private let fixture: PipelineFixture

    init() throws {
        fixture = try PipelineFixture(policy: RecordPolicy(instance: "blue", defaultProxied: true, mode: .sync))
    }

    private var names: [String] { fixture.cloudflare.records(in: "example.test").map(\.name).sorted() }

    @Test func `a deletion is in the report, and announced`() async throws {
        fixture.ask(for: "a.example.test,b.example.test")
        _ = await fixture.run(.startUp)
        fixture.ask(for: "a.example.test")
        var reports: [Report] = []
        for _ in 0..<3 {
            reports.append(await fixture.run(.timer))
            fixture.clock.advance(by: .seconds(300))
        }
        #expect(names == ["a.example.test"])
        #expect(reports.map(\.changes) == [0, 0, 1])
        let gone = try #require(reports[2].hosts.first { $0.name.text == "b.example.test" })
        #expect(gone.origins.isEmpty && gone.record?.outcome.word == "changed" && gone.record?.current == nil)
        #expect(fixture.told.all.last?.lines.map(\.text).contains { $0.contains("b.example.test: deleted A") } == true)
        #expect(await fixture.run(.timer).hosts.map(\.name.text) == ["a.example.test"])
    }

    @Test func `runs that only read the engine neither count nor lose anything`() async throws {
        fixture.ask(for: "a.example.test,b.example.test")
        _ = await fixture.run(.startUp)
        fixture.ask(for: "a.example.test")
        _ = await fixture.run(.timer)
        for _ in 0..<50 {
            fixture.clock.advance(by: .seconds(300))
            #expect(await fixture.run(.event).reach == .local)
        }
        #expect(names.count == 2)
        // Three complete reads, and the time between them.
        _ = await fixture.run(.timer)
        #expect(names.count == 2)
        _ = await fixture.run(.timer)
        #expect(names == ["a.example.test"])
    }

    @Test func `time without sight of the engine does not count`() async throws {
        fixture.ask(for: "a.example.test,b.example.test")
        _ = await fixture.run(.startUp)
        fixture.ask(for: "a.example.test")
        for _ in 0..<5 {
            _ = await fixture.run(.timer)
            fixture.reachEngine(false)
            #expect(await !fixture.run(.timer).isClean)
            fixture.clock.advance(by: .seconds(3600))
            fixture.reachEngine(true)
        }
        #expect(names.count == 2)
    }

    @Test func `a deletion that needs a confirmation is announced once, with the code for it`() async throws {
        fixture.ask(for: "a.example.test,b.example.test,c.example.test")
        _ = await fixture.run(.startUp)
        fixture.ask(for: "a.example.test")
        var report = await fixture.run(.timer)
        for _ in 0..<4 {
            fixture.clock.advance(by: .seconds(300))
            report = await fixture.run(.timer)
        }
        let deletions = try #require(report.deletions)
        #expect(deletions.records.map { $0.split(separator: " ")[0] } == ["b.example.test", "c.example.test"])
        #expect(report.isClean && report.changes == 0)
        let messages = fixture.told.all.filter { $0.lines.contains { $0.text.contains(deletions.code) } }
        #expect(messages.count == 1)
        #expect(await fixture.run(.event).deletions == deletions)
        let done = await fixture.run(confirming: deletions.code)
        #expect(done.changes == 2 && done.deletions?.isConfirmed == true)
        #expect(names == ["a.example.test"])
        #expect(await fixture.run(.event).deletions == nil)
    }

    @Test func `a plan shows what would be deleted, and what waits`() async throws {
        fixture.ask(for: "a.example.test,b.example.test")
        _ = await fixture.run(.startUp)
        fixture.ask(for: "a.example.test")
        let first = await fixture.plan()
        #expect(first.records.map(\.action) == [.keep, .hold] && first.changes == 0)
        for _ in 0..<2 {
            _ = await fixture.run(.timer)
            fixture.clock.advance(by: .seconds(600))
        }
        let second = await fixture.plan()
        #expect(second.records.map(\.action) == [.keep, .delete] && second.changes == 1)
        #expect(names.count == 2)
    }
}
