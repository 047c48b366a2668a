import Model
import TestSupport
import Testing
@testable import Address

/// An address that changes back and forth.
@Suite struct FlipTests {
    private let first = "85.214.132.117"
    private let second = "85.214.132.118"
    private let third = "85.214.132.119"

    /// What is used after each report, five minutes apart.
    private func used(_ reports: [String], in fixture: AddressFixture) async -> [String?] {
        var used: [String?] = []
        for report in reports {
            for service in fixture.services { service.says(report) }
            used.append(await fixture.find().known)
            fixture.clock.advance(by: .seconds(300))
        }
        return used
    }

    @Test func `a load-balanced line changes the address twice, not in every run, and one text says why`() async throws
    {
        let fixture = try AddressFixture(Service.several(2))
        let reports = (0..<20).map { $0 % 2 == 0 ? first : second }
        let used = await used(reports, in: fixture)
        let changes = zip(used, used.dropFirst()).count { $0 != $1 }
        #expect(changes == 2, "\(used)")
        let texts = fixture.stage().flips
        #expect(texts.count == 1)
        #expect(texts.first?.contains("between \(first) and \(second)") == true)
        #expect(texts.first?.contains("LANDFALL_IP=") == true)
    }

    @Test func `the text stays the same while it flips, whichever address was reported last`() async throws {
        let fixture = try AddressFixture(Service.several(2))
        var texts: Set<[String]> = []
        for (place, report) in (0..<12).map({ $0 % 2 == 0 ? first : second }).enumerated() {
            _ = await used([report], in: fixture)
            if place > 3 { texts.insert(fixture.stage().flips) }
        }
        #expect(texts.count == 1 && texts.first?.count == 1)
    }

    @Test func `a change to a new address and one change back are made at once`() async throws {
        let fixture = try AddressFixture(Service.several(2))
        #expect(await used([first, second, first, third], in: fixture) == [first, second, first, third])
        #expect(fixture.stage().flips.isEmpty)
    }

    @Test func `an address that is held becomes the address when it has been reported for an hour`() async throws {
        let fixture = try AddressFixture(Service.several(2))
        let used = await used([first, second, first] + [String](repeating: second, count: 14), in: fixture)
        #expect(used[3..<14].allSatisfy { $0 == first }, "\(used)")
        #expect(used.last == second, "\(used)")
        #expect(fixture.stage().flips.isEmpty)
    }

    @Test func `an address that a person configures is never held`() async throws {
        let fixture = try AddressFixture(Service.several(2))
        _ = await used([first, second, first, second], in: fixture)
        let fixed = AddressSource.fixed(try #require(IPAddress(second)))
        #expect(await fixture.stage(.v4, fixed).find().addresses.v4?.value?.description == second)
        #expect(fixture.stage(.v4, fixed).flips.isEmpty)
    }
}
