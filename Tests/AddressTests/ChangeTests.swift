import Address
import Emulators
import Model
import Ports
import Report
import State
import TestSupport
import Testing

/// What is believed, from run to run, with real services; every `find` is made by a process that has just begun.
@Suite struct ChangeTests {
    private let old = "85.214.132.117"
    private let new = "85.214.132.118"

    @Test func `the first address needs two operators`() async throws {
        let fixture = try AddressFixture(Service.several(3))
        fixture.services[0].says(new)
        for service in fixture.services.dropFirst() { service.does(.captivePortal) }
        let finding = await fixture.find()
        let portal = "did not send an address: <!DOCTYPE html> <html><head><title>Welco…"
        #expect(
            finding.unconfirmedReason
                == "no public IPv4 address: no two operators agree: \(fixture.names[0]) reports \(new); "
                + "\(fixture.names[1]) \(portal); \(fixture.names[2]) \(portal)"
        )
        #expect(finding.address.value == nil)
        #expect(fixture.stage().confirmed.isEmpty)
    }

    @Test func `one that confirms what is believed is enough, and nobody else is asked`() async throws {
        let fixture = try AddressFixture(Service.several(3))
        await fixture.believe(old)
        #expect(fixture.asked == [1, 1, 0])
        fixture.clearRequests()
        #expect(await fixture.find().known == old)
        #expect(fixture.asked == [1, 0, 0])
    }

    @Test func `a change is believed when a second operator agrees, and both are named`() async throws {
        let fixture = try AddressFixture(Service.several(3))
        await fixture.believe(old)
        for service in fixture.services { service.says(new) }
        fixture.clearRequests()
        let finding = await fixture.find()
        #expect(finding.known == new && finding.unconfirmedReason == nil)
        #expect(fixture.asked == [1, 1, 0])
        let believed = try #require(fixture.stage().confirmed.first)
        #expect(believed.address.description == new && believed.previous?.description == old)
        #expect(believed.sources == Array(fixture.names[..<2]))
    }

    @Test func `what the address was before is known, also that of a configured one`() async throws {
        let fixture = try AddressFixture(Service.several(2))
        for address in [old, new, "85.214.132.119"] { await fixture.believe(address) }
        #expect(await fixture.find().earlier.map(\.description) == [new, old])
        let fixed = AddressSource.fixed(try #require(IPAddress(old)))
        for _ in 0..<2 {
            let finding = await fixture.stage(.v4, fixed).find()
            #expect(finding.families[0].earlier.map(\.description) == ["85.214.132.119", new])
            #expect(finding.addresses.isOrWas(try #require(IPAddress(new))))
        }
    }

    @Test func `a change that one alone tells is not believed, however often`() async throws {
        let fixture = try AddressFixture(Service.several(2))
        await fixture.believe(old)
        fixture.services[0].says(new)
        fixture.services[1].does(.html(status: 500))
        for _ in 0..<3 {
            fixture.clock.advance(by: .seconds(300))
            let finding = await fixture.find()
            #expect(finding.known == old)
            #expect(
                finding.unconfirmedReason == "the public IPv4 address could not be confirmed: no two operators agree: "
                    + "\(fixture.names[0]) reports \(new); \(fixture.names[1]) answered 500; the last known one, \(old), is still used"
            )
        }
    }

    @Test func `while one operator still tells what is believed, it stands`() async throws {
        let fixture = try AddressFixture(Service.several(2))
        await fixture.believe(old)
        for who in [0, 1, 0] {
            fixture.services[who].says(new)
            fixture.services[1 - who].says(old)
            let finding = await fixture.find()
            #expect(finding.known == old && finding.unconfirmedReason == nil)
        }
    }

    @Test func `operators who all say something else change nothing`() async throws {
        let fixture = try AddressFixture(Service.several(3))
        await fixture.believe(old)
        for (index, service) in fixture.services.enumerated() { service.says("85.214.132.20\(index)") }
        #expect(await fixture.find().known == old)
    }

    @Test func `two services of one operator are one testimony`() async throws {
        let fixture = try AddressFixture([Service()])
        let twice = AddressSource.services([fixture.services[0].url, fixture.services[0].url + "icanhazip"])
        _ = await fixture.stage(.v4, twice).find()
        fixture.services[0].emulator.settings.ipv4 = new
        #expect(await fixture.stage(.v4, twice).find().addresses.v4?.value?.description == old)
    }

    @Test func `a silent one is left behind after 250 ms, and asked no second time`() async throws {
        let fixture = try AddressFixture(Service.several(2))
        await fixture.believe(old)
        fixture.clearRequests()
        fixture.services[0].does(.hang)
        async let found = fixture.find()
        await fixture.services[0].emulator.log.wait { $0.count == 1 }
        await fixture.clock.sleepers(1)
        #expect(fixture.asked == [1, 0])
        fixture.clock.advance(by: .milliseconds(250))
        #expect(await found.known == old)
        #expect(fixture.asked == [1, 1])
    }

    @Test func `when all fail the last known address stands for a day, and for longer it is not written`() async throws
    {
        let fixture = try AddressFixture(Service.several(2))
        await fixture.believe(old)
        for service in fixture.services { service.does(.html(status: 500)) }
        fixture.clock.advance(by: .seconds(86_399))
        let finding = await fixture.find()
        #expect(finding.known == old)
        #expect(finding.unconfirmedReason?.hasSuffix("answered 500; the last known one, \(old), is still used") == true)

        fixture.clock.advance(by: .seconds(1))
        let late = await fixture.find()
        #expect(late.known == nil)
        #expect(late.unconfirmedReason?.contains("the last known one, \(old), was not confirmed for a day") == true)
        #expect(fixture.stage().confirmed.first?.address.description == old)

        fixture.services[1].says(old)
        #expect(await fixture.find().known == old)
    }

    @Test func `a restart is no reason to believe the first who speaks`() async throws {
        let folder = try TemporaryFolder()
        let fixture = try AddressFixture(Service.several(2), state: StateStore(path: folder.path + "/state"))
        await fixture.believe(old)
        let reopened = try AddressFixture(fixture.services, state: StateStore(path: folder.path + "/state"))
        reopened.services[0].says(new)
        reopened.services[1].does(.captivePortal)
        #expect(await reopened.find().known == old)
    }
}

/// With nobody else to ask.
@Suite struct OnlyOperatorTests {
    private let old = "85.214.132.117"
    private let new = "85.214.132.118"

    @Test func `the first address is asked for twice, at once`() async throws {
        let fixture = try AddressFixture([Service()])
        let finding = await fixture.find()
        #expect(finding.known == old && finding.unconfirmedReason == nil)
        #expect(fixture.asked == [2])
        #expect(fixture.stage().confirmed.first?.sources == fixture.names)
    }

    @Test func `one that says something else each time is not believed`() async throws {
        let fixture = try AddressFixture([Service()])
        fixture.services[0].emulator.faults.add(Fault(.text(new), times: 1))
        let finding = await fixture.find()
        let name = fixture.names[0]
        #expect(finding.unconfirmedReason == "no public IPv4 address: \(name) reports \(new); \(name) reports \(old)")
    }

    @Test func `a change is believed when it is told again a minute later, across a restart`() async throws {
        let fixture = try AddressFixture([Service()])
        await fixture.believe(old)
        fixture.services[0].says(new)
        for _ in 0..<3 {
            let finding = await fixture.find()
            #expect(finding.known == old)
            #expect(finding.unconfirmedReason?.contains("\(fixture.names[0]) reports \(new); it is used once") == true)
        }
        fixture.clock.advance(by: .seconds(60))
        let finding = await fixture.find()
        #expect(finding.known == new && finding.unconfirmedReason == nil)
        #expect(fixture.stage().confirmed.first?.previous?.description == old)
    }

    @Test func `a change that is taken back is forgotten`() async throws {
        let fixture = try AddressFixture([Service()])
        await fixture.believe(old)
        for text in [new, old, new, old, new] {
            fixture.services[0].says(text)
            #expect(await fixture.find().known == old)
            fixture.clock.advance(by: .seconds(300))
        }
    }
}
