import Log
import Model
import Ports
import Report
import State

/// Finds the public address of one family.
struct AddressFinder: Sendable {
    /// How long a service may be silent before the next one is asked beside it.
    private static let hedge = Duration.milliseconds(250)

    let family: IPAddress.Family
    let source: AddressSource
    let transport: any HTTPTransport
    let interfaces: any Interfaces
    /// What the services are not asked through.
    let proxies: ProxyEnvironment
    let store: StateStore.Namespace<ConfirmedAddress>
    let clock: any Clock
    let log: Logger

    func find() async -> AddressFinding {
        if case .fixed(let address) = source { return fixed(address) }
        do throws(StateError) {
            let known = try store.load(family.rawValue) ?? ConfirmedAddress()
            return apply(await verdict(confirmed: known.address), to: known)
        } catch {
            let reason = "no public IP\(family.rawValue) address: what it was before is unknown: \(error)"
            return AddressFinding(family: family, address: .unavailable(reason: reason), unconfirmedReason: reason)
        }
    }

    /// The stored address, without asking a service; nil for a fixed one.
    var confirmed: AddressReport? {
        if case .fixed = source { return nil }
        guard let known = try? store.load(family.rawValue), let address = known.address else { return nil }
        return AddressReport(family: family, address: address, previous: known.previous, sources: known.sources)
    }

    /// Why the stored address stays although services report another one, a sentence; nil where they do not, or it is fixed.
    var flipText: String? {
        if case .fixed = source { return nil }
        return (try? store.load(family.rawValue))?.flipText(family, at: clock.now)
    }

    /// A configured address needs no confirmation. It is stored all the same: once it is another one, records that have it
    /// are known to be ours.
    private func fixed(_ address: IPAddress) -> AddressFinding {
        var finding = AddressFinding(family: family, address: .known(address), unconfirmedReason: nil)
        do throws(StateError) {
            var known = try store.load(family.rawValue) ?? ConfirmedAddress()
            if known.address != address {
                known.configure(address, at: clock.now)
                try store.save(known, for: family.rawValue)
            }
            finding.earlier = known.earlier
        } catch {
            // The store itself reports it; records of an earlier address then wait for a person.
        }
        return finding
    }

    private func apply(_ verdict: AddressQuorum.Verdict, to known: ConfirmedAddress) -> AddressFinding {
        var confirmed = known
        let reason = confirmed.apply(verdict, at: clock.now)
        try? store.save(confirmed, for: family.rawValue)
        let address = confirmed.observation(unconfirmed: reason, family, at: clock.now)
        let unconfirmedReason = reason.map { reason in
            address.reason
                ?? "the public IP\(family.rawValue) address could not be confirmed: \(reason); "
                + "the last known one, \(address.value?.description ?? ""), is still used"
        }
        let earlier = confirmed.earlier
        return AddressFinding(family: family, address: address, unconfirmedReason: unconfirmedReason, earlier: earlier)
    }

    private func verdict(confirmed: IPAddress?) async -> AddressQuorum.Verdict {
        switch source {
        case .off, .fixed: .unsettled(reason: "no service is asked")
        case .automatic: await ask(AddressService.known(family), confirmed)
        case .services(let urls): await ask(urls.map { AddressService($0) }, confirmed)
        case .interface(let name): read(name, confirmed)
        }
    }

    private enum Event: Sendable {
        /// The service at this place answered.
        case answered(Int, Observation<IPAddress>)
        /// The service at this place has been silent for `hedge`.
        case silent(Int)
    }

    private func ask(_ services: [AddressService], _ confirmed: IPAddress?) async -> AddressQuorum.Verdict {
        await withTaskGroup(of: Event.self) { group in
            var quorum = AddressQuorum(services, confirmed: confirmed)
            var isReached = false
            func askNext() {
                guard let (place, service) = quorum.next() else { return }
                group.addTask { .answered(place, await answer(of: service, confirmed)) }
                group.addTask {
                    try? await clock.sleep(for: Self.hedge)
                    return .silent(place)
                }
            }
            defer { group.cancelAll() }
            askNext()
            while quorum.verdict == nil, let event = await group.next() {
                switch event {
                case .answered(let place, let answer):
                    quorum.record(answer, from: place)
                    isReached = isReached || answer.value != nil
                    if quorum.verdict == nil { askNext() }
                case .silent(let place): if quorum.isLast(place) { askNext() }
                }
            }
            let verdict = quorum.verdict ?? .unsettled(reason: "no service answered")
            guard case .unsettled(let reason) = verdict, !isReached, let proxy = proxies.variable(for: "https") else {
                return verdict
            }
            return .unsettled(reason: "\(reason); \(hint(besides: proxy))")
        }
    }

    private func hint(besides proxy: String) -> String {
        let variable = family == .v4 ? "LANDFALL_IP" : "LANDFALL_IPV6"
        return
            "address services are asked directly and never through the proxy that \(proxy) names, because they would report "
            + "its address: if only that proxy leads out, set \(variable) to an address or to interface:NAME"
    }

    private func answer(of service: AddressService, _ confirmed: IPAddress?) async -> Observation<IPAddress> {
        let answer = await service.ask(family, by: transport)
        if let reason = answer.reason {
            log.debug("an address service failed", [.addressService: .string(service.name), .error: .string(reason)])
        } else if let address = answer.value, let confirmed, address != confirmed {
            log.info(
                "an address service reports an address other than the confirmed one",
                [
                    .addressService: .string(service.name), .address: "\(address)", .confirmedAddress: "\(confirmed)",
                ]
            )
        }
        return answer
    }

    /// The kernel's answer needs no confirmation.
    private func read(_ name: String, _ confirmed: IPAddress?) -> AddressQuorum.Verdict {
        do throws(InterfaceError) {
            let present = try interfaces.addresses(of: name, for: .address).filter { $0.address.family == family }
            let ours = present.filter { $0.notOursReason == nil }.map(\.address)
            if let confirmed, ours.contains(confirmed) { return .confirmed }
            if let first = ours.first { return .agreed(first, by: [name]) }
            let others = present.map { "\($0.address) \($0.notOursReason ?? "")" }.joined(separator: ", ")
            return .unsettled(reason: "\(name) has no such address" + (others.isEmpty ? "" : ": \(others)"))
        } catch {
            return .unsettled(reason: "\(error)")
        }
    }
}

extension InterfaceAddress {
    /// Why records cannot use it, as a clause; nil when they can.
    fileprivate var notOursReason: String? { address.notOursReason ?? (isTemporary ? "is temporary" : nil) }
}
