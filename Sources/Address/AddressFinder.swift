public import Log
public import Model
public import Timing
public import Transport

/// Finds the address at which the Internet sees this machine.
public struct AddressFinder: Sendable {
    /// How long a service may be silent before the next one is asked beside it.
    private static let hedge = Duration.milliseconds(250)

    private let source: AddressSource
    private let transport: any HTTPTransport
    private let clock: any Clock
    private let log: Logger

    public init(source: AddressSource, transport: any HTTPTransport, clock: any Clock, log: Logger) {
        (self.source, self.transport, self.clock, self.log) = (source, transport, clock, log)
    }

    /// The first good answer wins; unavailable, with what every service said, when there is none.
    public func find(_ family: IPAddress.Family) async -> Observation<IPAddress> {
        switch source {
        case .automatic: return await race(AddressService.known(family), family)
        case .services(let urls): return await race(urls.map(AddressService.init), family)
        case .fixed(let address):
            guard address.family == family else {
                return .unavailable(reason: "the address given, \(address), is not IP\(family.rawValue)")
            }
            return .known(address)
        }
    }

    private enum Event: Sendable {
        /// By the service at this place.
        case answered(Int, Observation<IPAddress>)
        /// The hedge of the service at this place is over.
        case silent(Int)
    }

    private func race(_ services: [AddressService], _ family: IPAddress.Family) async -> Observation<IPAddress> {
        await withTaskGroup(of: Event.self) { group in
            var asked = 0
            // Told in the order of the services, whatever the order of their answers: the same trouble is the same text.
            var failures: [Int: String] = [:]
            func askNext() {
                guard asked < services.count else { return }
                let (place, service) = (asked, services[asked])
                asked += 1
                group.addTask { .answered(place, await service.ask(family, by: transport)) }
                group.addTask {
                    try? await clock.sleep(for: Self.hedge)
                    return .silent(place)
                }
            }
            defer { group.cancelAll() }
            askNext()
            while failures.count < services.count, let event = await group.next() {
                switch event {
                case .answered(_, .known(let address)): return .known(address)
                case .answered(let place, .unavailable(let reason)):
                    log.debug("address service failed", ["service": services[place].name, "error.message": reason])
                    failures[place] = "\(services[place].name) \(reason)"
                    askNext()
                case .silent(let place) where place == asked - 1: askNext()
                case .silent: break
                }
            }
            let reasons = failures.sorted { $0.key < $1.key }.map(\.value).joined(separator: "; ")
            return .unavailable(reason: "no public IP\(family.rawValue) address: \(reasons)")
        }
    }
}
