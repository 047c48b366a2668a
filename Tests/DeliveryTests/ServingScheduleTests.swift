import Model
import Testing

@testable import Delivery

@Suite struct ServingScheduleTests {
    private var schedule = ServingSchedule()
    private let endpoint: ProbeEndpoint

    init() throws { endpoint = try #require(ProbeEndpoint("proxy:443")) }

    private func check(_ host: String, _ fingerprint: String) throws -> ServingCheck {
        ServingCheck(host: try DomainName(host), endpoint: endpoint, fingerprint: Fingerprint(hex: fingerprint))
    }

    @Test func `hosts with the same certificate and endpoint have one probe, whose result counts for all`() throws {
        var schedule = schedule
        let checks = try ["b.test", "a.test", "c.test"].map { try check($0, $0 == "c.test" ? "2" : "1") }
        schedule.ask(for: checks, postponing: [], at: .zero)
        let probes = schedule.begin(at: .zero)
        #expect(probes.map(\.host.text) == ["a.test", "c.test"])
        #expect(
            schedule.end(probes[0], .failed("no"), at: .zero) == ["a.test proxy:443": "no", "b.test proxy:443": "no"]
        )
    }

    @Test func `a probe that fails is repeated after 30 s, then less and less often`() throws {
        var schedule = schedule
        schedule.ask(for: [try check("a.test", "1")], postponing: [], at: .zero)
        var now = Duration.zero
        var pauses: [Duration] = []
        for _ in 0..<9 {
            let probe = try #require(schedule.begin(at: now).first)
            _ = schedule.end(probe, .failed("no"), at: now)
            let due = try #require(schedule.nextDue)
            pauses.append(due - now)
            // What is asked for from time to time does not shorten it.
            schedule.makePassedDue(at: now)
            #expect(schedule.nextDue == due)
            now = due
        }
        #expect(pauses.prefix(4) == [.seconds(30), .seconds(60), .seconds(120), .seconds(240)])
        #expect(pauses.last == .seconds(1800))
        // A person, or a change, does.
        schedule.makeDue(at: now)
        let probe = try #require(schedule.begin(at: now).first)
        #expect(schedule.end(probe, .passed, at: now) == ["a.test proxy:443": nil])
        #expect(schedule.nextDue == nil)
    }

    @Test func `a request that comes during a probe stands, and what is no longer wanted is forgotten`() throws {
        var schedule = schedule
        let old = try check("a.test", "1")
        schedule.ask(for: [old], postponing: [], at: .zero)
        let probe = try #require(schedule.begin(at: .zero).first)
        schedule.makeDue(at: .seconds(1), freshUntil: .seconds(11))
        _ = schedule.end(probe, .failed("no"), at: .seconds(2))
        #expect(schedule.nextDue == .seconds(1))
        #expect(schedule.begin(at: .seconds(2)).map(\.freshUntil) == [.seconds(11)])

        schedule.ask(for: [try check("a.test", "2")], postponing: [], at: .seconds(3))
        #expect(schedule.end(probe, .failed("no"), at: .seconds(4)).isEmpty)
        #expect(schedule.begin(at: .seconds(4)).map(\.fingerprint.hex) == ["2"])
    }
}
