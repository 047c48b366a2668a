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
        let stand = try AddressFixture(Service.several(3))
        stand.services[0].says(new)
        for service in stand.services.dropFirst() { service.does(.captivePortal) }
        let finding = await stand.find()
        let portal = "did not send an address: <!DOCTYPE html> <html><head><title>Welco…"
        #expect(
            finding.unconfirmedReason
                == "no public IPv4 address: no two operators agree: \(stand.names[0]) reports \(new); "
                + "\(stand.names[1]) \(portal); \(stand.names[2]) \(portal)"
        )
        #expect(finding.address.value == nil)
        #expect(stand.stage().confirmed.isEmpty)
    }

    @Test func `one that confirms what is believed is enough, and nobody else is asked`() async throws {
        let stand = try AddressFixture(Service.several(3))
        await stand.believe(old)
        #expect(stand.asked == [1, 1, 0])
        stand.clearRequests()
        #expect(await stand.find().known == old)
        #expect(stand.asked == [1, 0, 0])
    }

    @Test func `a change is believed when a second operator agrees, and both are named`() async throws {
        let stand = try AddressFixture(Service.several(3))
        await stand.believe(old)
        for service in stand.services { service.says(new) }
        stand.clearRequests()
        let finding = await stand.find()
        #expect(finding.known == new && finding.unconfirmedReason == nil)
        #expect(stand.asked == [1, 1, 0])
        let believed = try #require(stand.stage().confirmed.first)
        #expect(believed.address.description == new && believed.previous?.description == old)
        #expect(believed.sources == Array(stand.names[..<2]))
    }

    @Test func `a change that one alone tells is not believed, however often`() async throws {
        let stand = try AddressFixture(Service.several(2))
        await stand.believe(old)
        stand.services[0].says(new)
        stand.services[1].does(.html(status: 500))
        for _ in 0..<3 {
            stand.clock.advance(by: .seconds(300))
            let finding = await stand.find()
            #expect(finding.known == old)
            #expect(
                finding.unconfirmedReason == "the public IPv4 address could not be confirmed: no two operators agree: "
                    + "\(stand.names[0]) reports \(new); \(stand.names[1]) answered 500; the last known one, \(old), is still used"
            )
        }
    }

    @Test func `while one operator still tells what is believed, it stands`() async throws {
        let stand = try AddressFixture(Service.several(2))
        await stand.believe(old)
        for who in [0, 1, 0] {
            stand.services[who].says(new)
            stand.services[1 - who].says(old)
            let finding = await stand.find()
            #expect(finding.known == old && finding.unconfirmedReason == nil)
        }
    }

    @Test func `operators who all say something else change nothing`() async throws {
        let stand = try AddressFixture(Service.several(3))
        await stand.believe(old)
        for (index, service) in stand.services.enumerated() { service.says("85.214.132.20\(index)") }
        #expect(await stand.find().known == old)
    }

    @Test func `two services of one operator are one testimony`() async throws {
        let stand = try AddressFixture([Service()])
        let twice = AddressSource.services([stand.services[0].url, stand.services[0].url + "icanhazip"])
        _ = await stand.stage(.v4, twice).find()
        stand.services[0].emulator.settings.ipv4 = new
        #expect(await stand.stage(.v4, twice).find().addresses.v4?.value?.description == old)
    }

    @Test func `a silent one is left behind after 250 ms, and asked no second time`() async throws {
        let stand = try AddressFixture(Service.several(2))
        await stand.believe(old)
        stand.clearRequests()
        stand.services[0].does(.hang)
        async let found = stand.find()
        await stand.services[0].emulator.log.wait { $0.count == 1 }
        await stand.clock.sleepers(1)
        #expect(stand.asked == [1, 0])
        stand.clock.advance(by: .milliseconds(250))
        #expect(await found.known == old)
        #expect(stand.asked == [1, 1])
    }

    @Test func `when all fail the last known address stands for a day, and for longer it is not written`() async throws
    {
        let stand = try AddressFixture(Service.several(2))
        await stand.believe(old)
        for service in stand.services { service.does(.html(status: 500)) }
        stand.clock.advance(by: .seconds(86_399))
        let finding = await stand.find()
        #expect(finding.known == old)
        #expect(finding.unconfirmedReason?.hasSuffix("answered 500; the last known one, \(old), is still used") == true)

        stand.clock.advance(by: .seconds(1))
        let late = await stand.find()
        #expect(late.known == nil)
        #expect(late.unconfirmedReason?.contains("the last known one, \(old), was not confirmed for a day") == true)
        #expect(stand.stage().confirmed.first?.address.description == old)

        stand.services[1].says(old)
        #expect(await stand.find().known == old)
    }

    @Test func `a restart is no reason to believe the first who speaks`() async throws {
        let folder = try TemporaryFolder()
        let stand = try AddressFixture(Service.several(2), state: StateStore(path: folder.path + "/state"))
        await stand.believe(old)
        let reopened = try AddressFixture(stand.services, state: StateStore(path: folder.path + "/state"))
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
        let stand = try AddressFixture([Service()])
        let finding = await stand.find()
        #expect(finding.known == old && finding.unconfirmedReason == nil)
        #expect(stand.asked == [2])
        #expect(stand.stage().confirmed.first?.sources == stand.names)
    }

    @Test func `one that says something else each time is not believed`() async throws {
        let stand = try AddressFixture([Service()])
        stand.services[0].emulator.faults.add(Fault(.text(new), times: 1))
        let finding = await stand.find()
        let name = stand.names[0]
        #expect(finding.unconfirmedReason == "no public IPv4 address: \(name) reports \(new); \(name) reports \(old)")
    }

    @Test func `a change is believed when it is told again a minute later, across a restart`() async throws {
        let stand = try AddressFixture([Service()])
        await stand.believe(old)
        stand.services[0].says(new)
        for _ in 0..<3 {
            let finding = await stand.find()
            #expect(finding.known == old)
            #expect(finding.unconfirmedReason?.contains("\(stand.names[0]) reports \(new); it is used once") == true)
        }
        stand.clock.advance(by: .seconds(60))
        let finding = await stand.find()
        #expect(finding.known == new && finding.unconfirmedReason == nil)
        #expect(stand.stage().confirmed.first?.previous?.description == old)
    }

    @Test func `a change that is taken back is forgotten`() async throws {
        let stand = try AddressFixture([Service()])
        await stand.believe(old)
        for text in [new, old, new, old, new] {
            stand.services[0].says(text)
            #expect(await stand.find().known == old)
            stand.clock.advance(by: .seconds(300))
        }
    }
}
