import Address
import Emulators
import HTTPServer
import Log
import Model
import Synchronization
import TestSupport
import Testing
import Timing
import Transport

@Suite struct AddressFinderTests {
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    /// A service on a port of its own, which says what a test wants.
    private final class Service: Sendable {
        let emulator = AddressEmulator()
        private let server: HTTPServer
        private let path: String

        init(_ path: String = "/", at address: String = "127.0.0.1") throws {
            self.path = path
            server = try HTTPServer(listening: .tcp(address: address, port: 0), handler: emulator.handler)
        }

        var url: String { "http://127.0.0.1:\(server.port)\(path)" }
        var name: String { "127.0.0.1:\(server.port)" }
        var asked: Int { emulator.log.requests.count }

        func says(_ text: String) {
            emulator.faults.add(Fault(.text(text)))
        }
    }

    private func find(
        _ family: IPAddress.Family = .v4,
        at services: [Service],
        clock: any Clock = SystemClock()
    ) async -> Observation<IPAddress> {
        let source = AddressSource.services(services.map(\.url))
        let found = await AddressFinder(source: source, transport: transport, clock: clock, log: .silent).find(family)
        withExtendedLifetime(services) {}
        return found
    }

    private func known(_ text: String) throws -> Observation<IPAddress> {
        .known(try #require(IPAddress(text)))
    }

    @Test(arguments: ["/", "/icanhazip", "/cdn-cgi/trace"])
    func `every form of answer is understood`(path: String) async throws {
        #expect(try await find(at: [Service(path)]) == known("85.214.132.117"))
    }

    @Test(arguments: [
        ("", "sent no address: "), ("85.214.132.117 85.214.132.118", "sent no address: 85.214.132.117 85.214.132.118"),
        ("85.214.132.117\n85.214.132.118\n", "sent no address: 85.214.132.117 85.214.132.118 "),
        ("085.214.132.117", "sent no address: 085.214.132.117"),
        ("ip=85.214.132.117", "sent no address: ip=85.214.132.117"),
        ("{\"ip\":\"85.214.132.117\"}", "sent no address: {\"ip\":\"85.214.132.117\"}"),
        ("2a01:238:4000::117", "sent 2a01:238:4000::117, of the other family"),
        ("192.168.1.10", "sent 192.168.1.10, which is not a public address"),
        ("100.64.0.3", "sent 100.64.0.3, which is not a public address"),
        ("127.0.0.1", "sent 127.0.0.1, which is not a public address"),
        ("203.0.113.7", "sent 203.0.113.7, which is not a public address"),
        ("104.16.132.229", "sent 104.16.132.229, which is not a public address"),
    ])
    func `what is not our one public address is not believed`(text: String, reason: String) async throws {
        let service = try Service()
        service.says(text)
        #expect(
            await find(at: [service]) == .unavailable(reason: "no public IPv4 address: \(service.name) \(reason)")
        )
    }

    @Test func `a trace with two addresses is not believed`() async throws {
        let service = try Service("/cdn-cgi/trace")
        service.says("ip=85.214.132.117\nip=85.214.132.118\n")
        #expect(await find(at: [service]).value == nil)
    }

    static let troubles: [(Fault.Effect, String)] = [
        (.captivePortal, "sent no address: <!DOCTYPE html> <html><head><title>Welco…"),
        (.html(status: 503), "answered 503"),
        (.redirect(to: "http://127.0.0.1:1/"), "answered 302"),
        (.text(String(repeating: " ", count: 5000) + "85.214.132.117"), "the answer is longer than 4096 bytes"),
    ]

    @Test(arguments: troubles.indices)
    func `trouble at one is made up for by the next`(index: Int) async throws {
        let (effect, reason) = Self.troubles[index]
        let first = try Service()
        let second = try Service("/icanhazip")
        first.emulator.faults.add(Fault(effect))
        #expect(try await find(at: [first, second]) == known("85.214.132.117"))
        #expect(await find(at: [first]) == .unavailable(reason: "no public IPv4 address: \(first.name) \(reason)"))
    }

    @Test func `when all fail, each is named with what it said`() async throws {
        let services = try [Service(), Service(), Service()]
        services[0].emulator.faults.add(Fault(.html(status: 500)))
        services[1].says("10.0.0.1")
        services[2].emulator.faults.add(Fault(.html(status: 429)))
        let reason =
            "no public IPv4 address: \(services[0].name) answered 500; "
            + "\(services[1].name) sent 10.0.0.1, which is not a public address; \(services[2].name) answered 429"
        #expect(await find(at: services) == .unavailable(reason: reason))
    }

    @Test func `where the first one answers, nobody else is asked`() async throws {
        let services = try [Service(), Service()]
        #expect(try await find(at: services, clock: TestClock()) == known("85.214.132.117"))
        #expect(services.map(\.asked) == [1, 0])
    }

    @Test func `a silent one is left behind after 250 ms, and asked no second time`() async throws {
        let services = try [Service(), Service()]
        services[0].emulator.faults.add(Fault(.hang))
        services[1].emulator.settings.ipv4 = "85.214.132.118"
        let clock = TestClock()
        async let found = find(at: services, clock: clock)
        await services[0].emulator.log.wait { $0.count == 1 }
        await clock.sleepers(1)
        #expect(services[1].asked == 0)
        clock.advance(by: .milliseconds(250))
        #expect(try await found == known("85.214.132.118"))
        #expect(services.map(\.asked) == [1, 1])
    }

    @Test func `a closed port is trouble like any other`() async throws {
        let source = AddressSource.services(["http://127.0.0.1:9/"])
        let finder = AddressFinder(source: source, transport: transport, clock: SystemClock(), log: .silent)
        #expect(await finder.find(.v4).reason?.hasPrefix("no public IPv4 address: 127.0.0.1:9 ") == true)
    }

    @Test func `the family is forced upon the connection`() async throws {
        let service = try Service("/v6/icanhazip")
        #expect(await find(.v6, at: [service]).value == nil)
        #expect(service.asked == 0)
    }

    @Test func `a fixed address is not asked from anybody, and has one family`() async throws {
        let address = try #require(IPAddress("192.168.1.10"))
        let source = AddressSource.fixed(address)
        let finder = AddressFinder(source: source, transport: transport, clock: TestClock(), log: .silent)
        #expect(await finder.find(.v4) == .known(address))
        #expect(await finder.find(.v6).reason == "the address given, 192.168.1.10, is not IPv6")
    }
}
