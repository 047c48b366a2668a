import Emulators
import Model
import Notices
import Pipeline
import Ports
import Report
import TestSupport
import Testing
import Timing

/// What a run makes of the public address, and what people are told of it.
@Suite struct AddressNewsTests {
    private let old = AddressSettings().ipv4
    private let new = "85.214.132.118"

    private func content(_ stand: PipelineFixture) -> String? {
        stand.cloudflare.records(in: "example.test").first { $0.type == "A" }?.content
    }

    @Test func `a change is news, with who says so, and said once`() async throws {
        let stand = try PipelineFixture()
        let first = await stand.run(.startUp)
        #expect(first.addresses.map(\.address.description) == [old])
        #expect(first.conditions.allSatisfy { $0.key != "address/v4" })

        stand.addresses.settings.ipv4 = new
        let report = await stand.run(.timer)
        #expect(report.isClean && content(stand) == new)
        let lines = try #require(stand.told.all.last).lines.map(\.text)
        let line = try #require(
            lines.first { $0.hasPrefix("the public IPv4 address is now \(new) (was \(old)), say 127.") }
        )
        #expect(line.contains(" and 127."))
        let told = stand.told.all.count
        for kind in [Trigger.Kind.timer, .event] { _ = await stand.run(kind) }
        #expect(stand.told.all.count == told)
    }

    @Test func `while a change is in doubt the old address stands, and that is said once`() async throws {
        let stand = try PipelineFixture()
        _ = await stand.run(.startUp)
        stand.ask(for: "web.example.test, shop.example.test")
        for _ in 0..<2 {
            stand.addresses.faults.add(Fault(.text(new), times: 1))
            stand.addresses.faults.add(Fault(.captivePortal, times: 1))
            let report = await stand.run(.timer)
            #expect(report.problems.count == 1 && report.failures == 1)
            #expect(report.problems.first?.text.hasSuffix("the last known one, \(old), is still used") == true)
        }
        #expect(Set(stand.cloudflare.records(in: "example.test").map(\.content)) == [old])
        #expect(stand.cloudflare.records(in: "example.test").count == 2)
        let problems = stand.told.all.flatMap(\.lines).filter { $0.kind == .problem }
        #expect(problems.count == 1)
        #expect(await stand.run(.event).problems.count == 1, "a run that asks nobody remembers it")
        #expect(await stand.run(.timer).isClean)
    }

    @Test func `without any address nothing is written, and nothing that stands is touched`() async throws {
        let stand = try PipelineFixture()
        stand.addresses.faults.add(Fault(.captivePortal))
        let report = await stand.run(.startUp)
        #expect(report.problems.map(\.stage) == ["address"])
        #expect(report.addresses == [])
        #expect(stand.cloudflare.records(in: "example.test").isEmpty)
        #expect(report.conditions.map(\.key) == ["problem/address"])
    }

    @Test func `nobody is asked when no host needs it`() async throws {
        let stand = try PipelineFixture()
        stand.ask(for: "")
        #expect(await stand.run(.startUp).reach == .all)
        #expect(stand.addresses.log.requests.isEmpty)
    }
}
