import Log
import Model
import Ports
import State

/// Finds the public address of one family.
struct AddressFinder: Sendable {
    /// How long a service may be silent before the next one is asked beside it.
    private static let hedge = Duration.milliseconds(250)
    private static let room = "address"

    let family: IPAddress.Family
    let source: AddressSource
    let transport: any HTTPTransport
    let interfaces: any Interfaces
    let state: StateStore
    let clock: any Clock
    let log: Logger

    func find() async -> AddressFinding {
        if case .fixed(let address) = source {
            return AddressFinding(family: family, address: .known(address), trouble: nil)
        }
        do throws(StateError) {
            let known = try recalled()
            let verdict = await verdict(believed: known?.address)
            return settle(verdict, known ?? ConfirmedAddress())
        } catch {
            let reason = "no public IP\(family.rawValue) address: what it was before is unknown: \(error)"
            return AddressFinding(family: family, address: .unavailable(reason: reason), trouble: reason)
        }
    }

    var believed: ConfirmedAddressReport? {
        if case .fixed = source { return nil }
        guard let belief = try? recalled(), let address = belief.address else { return nil }
        return ConfirmedAddressReport(family: family, address: address, was: belief.was, witnesses: belief.witnesses)
    }

    private func recalled() throws(StateError) -> ConfirmedAddress? {
        try state.fact(family.rawValue, in: Self.room).flatMap(ConfirmedAddress.init(text:))
    }

    /// What cannot be written is remembered by the store, and its trouble is in every run's report.
    private func settle(_ verdict: AddressQuorum.Verdict, _ known: ConfirmedAddress) -> AddressFinding {
        var belief = known
        let doubt = belief.take(verdict, at: clock.now)
        if belief != known { try? state.commit([family.rawValue: belief.text], in: Self.room) }
        let address = belief.observation(doubt, family, at: clock.now)
        let trouble = doubt.map { doubt in
            address.reason
                ?? "the public IP\(family.rawValue) address could not be confirmed: \(doubt); "
                + "the last known one, \(address.value?.description ?? ""), stands"
        }
        return AddressFinding(family: family, address: address, trouble: trouble)
    }

    private func verdict(believed: IPAddress?) async -> AddressQuorum.Verdict {
        switch source {
        case .off, .fixed: .unsettled(reason: "nobody is to be asked")
        case .automatic: await ask(AddressService.known(family), believed)
        case .services(let urls): await ask(urls.map { AddressService($0) }, believed)
        case .interface(let name): look(at: name, believed)
        }
    }

    private enum Event: Sendable {
        /// By the service at this place.
        case answered(Int, Observation<IPAddress>)
        /// The hedge of the service at this place is over.
        case silent(Int)
    }

    private func ask(_ services: [AddressService], _ believed: IPAddress?) async -> AddressQuorum.Verdict {
        await withTaskGroup(of: Event.self) { group in
            var round = AddressQuorum(services, believed: believed)
            func askNext() {
                guard let (place, service) = round.next() else { return }
                group.addTask { .answered(place, await answer(of: service, believed)) }
                group.addTask {
                    try? await clock.sleep(for: Self.hedge)
                    return .silent(place)
                }
            }
            defer { group.cancelAll() }
            askNext()
            while round.verdict == nil, let event = await group.next() {
                switch event {
                case .answered(let place, let answer):
                    round.take(answer, from: place)
                    if round.verdict == nil { askNext() }
                case .silent(let place): if round.isLast(place) { askNext() }
                }
            }
            return round.verdict ?? .unsettled(reason: "nobody answered")
        }
    }

    private func answer(of service: AddressService, _ believed: IPAddress?) async -> Observation<IPAddress> {
        let answer = await service.ask(family, by: transport)
        if let reason = answer.reason {
            log.debug("an address service failed", [.addressService: .string(service.name), .error: .string(reason)])
        } else if let address = answer.value, let believed, address != believed {
            log.info(
                "an address service reports an address other than the confirmed one",
                [
                    .addressService: .string(service.name), .address: "\(address)", .confirmedAddress: "\(believed)",
                ]
            )
        }
        return answer
    }

    /// The kernel needs no second witness.
    private func look(at name: String, _ believed: IPAddress?) -> AddressQuorum.Verdict {
        do throws(InterfaceError) {
            let present = try interfaces.addresses(of: name, for: .address).filter { $0.address.family == family }
            let ours = present.filter { $0.foreignness == nil }.map(\.address)
            if let believed, ours.contains(believed) { return .confirmed }
            if let first = ours.first { return .agreed(first, by: [name]) }
            let others = present.map { "\($0.address) \($0.foreignness ?? "")" }.joined(separator: ", ")
            return .unsettled(reason: "\(name) has none" + (others.isEmpty ? "" : ": \(others)"))
        } catch {
            return .unsettled(reason: "\(error)")
        }
    }
}

extension InterfaceAddress {
    /// Why it cannot be published, as a clause; nil when it can.
    fileprivate var foreignness: String? {
        address.foreignness ?? (isPassing ? "is only there for a time" : nil)
    }
}
