import Model
import State
import TestSupport
import Testing
@testable import Records

@Suite struct OwnedRecordStoreTests {
    @Test func `the records of 0.1.0 are read`() throws {
        let snapshot = OwnedRecordStore(state: try OldState.migrated(), clock: TestClock()).load()
        let records = try #require(snapshot.records.value)
        #expect(records.count == 4 && snapshot.zones == ["example.test"])
        let old = try #require(records["example.test AAAA old.example.test 2001:db8::7 at Cloudflare"])
        #expect(old.unreferenced == UnreferencedTime(seen: .milliseconds(61_500), reads: 4))
        #expect(old.requesters == ["service old", "container older"])
    }
}
