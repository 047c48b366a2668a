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
}
