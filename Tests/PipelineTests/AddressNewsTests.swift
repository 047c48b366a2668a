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

    private func content(_ fixture: PipelineFixture) -> String? {
        fixture.cloudflare.records(in: "example.test").first { $0.type == "A" }?.content
    }

    @Test func `a change is announced once, with its sources`() async throws {
        let fixture = try PipelineFixture()
        let first = await fixture.run(.startUp)
        #expect(first.addresses.map(\.address.description) == [old])
        #expect(first.conditions.allSatisfy { $0.key != "address/v4" })

        fixture.addresses.settings.ipv4 = new
        let report = await fixture.run(.timer)
        #expect(report.isClean && content(fixture) == new)
        let lines = try #require(fixture.told.all.last).lines.map(\.text)
        let line = try #require(
            lines.first { $0.hasPrefix("the public IPv4 address is now \(new) (was \(old)), say 127.") }
        )
        #expect(line.contains(" and 127."))
        let told = fixture.told.all.count
        for kind in [Trigger.Kind.timer, .event] { _ = await fixture.run(kind) }
        #expect(fixture.told.all.count == told)
    }

    @Test func `while a change is unconfirmed the old address stays, which is announced once`() async throws {
        let fixture = try PipelineFixture()
        _ = await fixture.run(.startUp)
        fixture.ask(for: "web.example.test, shop.example.test")
        for _ in 0..<2 {
            fixture.addresses.faults.add(Fault(.text(new), times: 1))
            fixture.addresses.faults.add(Fault(.captivePortal, times: 1))
            let report = await fixture.run(.timer)
            #expect(report.problems.count == 1 && report.failures == 1)
            #expect(report.problems.first?.text.hasSuffix("the last known one, \(old), is still used") == true)
        }
        #expect(Set(fixture.cloudflare.records(in: "example.test").map(\.content)) == [old])
        #expect(fixture.cloudflare.records(in: "example.test").count == 2)
        let problems = fixture.told.all.flatMap(\.lines).filter { $0.kind == .problem }
        #expect(problems.count == 1)
        #expect(await fixture.run(.event).problems.count == 1, "a run that asks nobody remembers it")
        #expect(await fixture.run(.timer).isClean)
    }

    @Test func `without any address nothing is written or changed`() async throws {
        let fixture = try PipelineFixture()
        fixture.addresses.faults.add(Fault(.captivePortal))
        let report = await fixture.run(.startUp)
        #expect(report.problems.map(\.stage) == ["address"])
        #expect(report.addresses == [])
        #expect(fixture.cloudflare.records(in: "example.test").isEmpty)
        #expect(report.conditions.map(\.key) == ["problem/address"])
    }

    @Test func `no service is asked when no host needs an address`() async throws {
        let fixture = try PipelineFixture()
        fixture.ask(for: "")
        #expect(await fixture.run(.startUp).reach == .all)
        #expect(fixture.addresses.log.requests.isEmpty)
    }
}
