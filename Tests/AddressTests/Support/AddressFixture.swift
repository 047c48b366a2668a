import Address
import Emulators
import Log
import Model
import Ports
import State
import TestSupport
import Transport

/// Services, and a store that outlives the stages that are made over it.
struct AddressFixture {
    let services: [Service]
    let state: StateStore
    let clock = TestClock()
    let proxies: ProxyEnvironment
    let transport: any HTTPTransport

    init(_ services: [Service], state: StateStore? = nil, proxies: [String: String] = [:]) throws {
        self.services = services
        self.proxies = ProxyEnvironment(proxies)
        transport = PatientTransport(CurlTransport(.init(userAgent: "landfall-tests", proxies: self.proxies)))
        self.state = try state ?? StateStore.inMemory()
    }

    /// A process after a restart: it knows what is in the store.
    func stage(
        _ family: IPAddress.Family = .v4,
        _ source: AddressSource? = nil,
        _ interfaces: any Interfaces = NoInterfaces()
    )
        -> AddressStage
    {
        let source = source ?? .services(services.map(\.url))
        return AddressStage(
            v4: family == .v4 ? source : .off,
            v6: family == .v6 ? source : .off,
            transport: transport,
            interfaces: interfaces,
            proxies: proxies,
            state: state,
            clock: clock,
            log: .silent
        )
    }

    func find(_ family: IPAddress.Family = .v4) async -> AddressFinding {
        let findings = await stage(family).find()
        return findings.families[0]
    }

    /// Lets both services know and say `address`, until it is believed.
    func believe(_ address: String) async {
        for service in services { service.says(address) }
        _ = await find()
    }

    var names: [String] { services.map(\.name) }

    func clearRequests() {
        for service in services { service.emulator.log.clear() }
    }

    /// How often each was asked.
    var asked: [Int] { services.map(\.asked) }
}

struct NoInterfaces: Interfaces {
    func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress] {
        throw .missing(name)
    }
}

extension AddressFinding {
    /// The address, as text.
    var known: String? { address.value?.description }
}
