@testable import Certificates
import Model
import Testing

@Suite struct FailureRecordTests {
    private let now = Timestamp(seconds: 1_795_485_783)

    /// The pauses in seconds after failures, one after the other; "ours" are those on our side.
    private func pauses(_ failures: String...) throws -> [Int64] {
        var record: FailureRecord?
        return try failures.map { kind in
            let failure = IssuanceError(kind, isLocal: kind == "ours")
            let names = [try DomainName(kind == "other" ? "b.example.test" : "a.example.test")]
            let next = FailureRecord.adding(failure, to: record, names: names, now: now)
            record = next
            return next.pause.components.seconds
        }
    }

    @Test
    func
        `pauses grow to a day after the authority's failures, to 100 minutes after ours, and start anew for other names`()
        throws
    {
        #expect(try pauses("its", "its", "its", "its", "its") == [60, 600, 6000, 86_400, 86_400])
        #expect(try pauses("ours", "ours", "ours", "ours", "ours") == [60, 600, 6000, 6000, 6000])
        #expect(try pauses("its", "its", "ours", "ours", "its") == [60, 600, 6000, 6000, 86_400])
        #expect(try pauses("its", "its", "other") == [60, 600, 60])
    }

    @Test func `a record keeps who caused the failures, and stays that of the whole set`() throws {
        let names = try ["a.example.test", "b.example.test", "c.example.test"].map { try DomainName($0) }
        func failing(_ name: Int) -> IssuanceError { IssuanceError("no TXT", cause: .names([names[name]])) }
        let first = FailureRecord.adding(failing(1), to: nil, names: names, now: now)
        #expect(names.map(first.isCulprit) == [false, true, false])
        // The others were ordered without it, and one of them failed too.
        let others = [names[0], names[2]]
        let second = FailureRecord.adding(failing(2), to: first, names: names, ordered: others, now: now)
        #expect(names.map(second.isCulprit) == [false, true, true] && second.count == 2)
        #expect(second.retryTime(for: others, now: now) != nil && second.retryTime(for: names, now: now) == nil)
        let served = second.servingOthers(now: now + .seconds(60))
        #expect(served.retryTime(for: names, now: now + .seconds(60)) == now + .seconds(660))
    }

    @Test func `a pause takes at most half of what is left of a certificate, or ten minutes`() throws {
        let names = [try DomainName("a.example.test")]
        let record = (0..<5).reduce(nil as FailureRecord?) { earlier, _ in
            .adding(IssuanceError("no TXT"), to: earlier, names: names, now: now)
        }
        func pause(left: Int64?) throws -> Int64? {
            let time = try #require(record).retryTime(for: names, now: now, end: left.map { now + .seconds($0) })
            return time.map { ($0 - now).components.seconds }
        }
        #expect(try pause(left: nil) == 86_400)
        #expect(try pause(left: 40 * 86_400) == 86_400)
        #expect(try pause(left: 40 * 3600) == 20 * 3600)
        #expect(try pause(left: 60) == 600)
        #expect(try pause(left: -60) == 86_400)
    }
}
