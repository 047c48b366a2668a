package import Log
package import Model
package import Ports
package import Report
package import State

/// Finds this machine's public addresses, and confirms every change.
package struct AddressStage: Sendable {
    private let finders: [AddressFinder]

    /// Each family has its own source, and its own entry in the store.
    package init(
        v4: AddressSource,
        v6: AddressSource,
        transport: any HTTPTransport,
        interfaces: any Interfaces,
        proxies: ProxyEnvironment = ProxyEnvironment(),
        state: StateStore,
        clock: any Clock,
        log: Logger
    ) {
        let sources: [(IPAddress.Family, AddressSource)] = [(.v4, v4), (.v6, v6)]
        finders = sources.filter { $0.1 != .off }.map { family, source in
            AddressFinder(
                family: family,
                source: source,
                transport: transport,
                interfaces: interfaces,
                proxies: proxies,
                store: StateStore.Namespace("address", in: state),
                clock: clock,
                log: log
            )
        }
    }

    /// Finds the addresses of all configured families, concurrently.
    package func find() async -> AddressFindings {
        await withTaskGroup(of: (Int, AddressFinding).self) { group in
            for (index, finder) in finders.enumerated() { group.addTask { (index, await finder.find()) } }
            let findings = await group.reduce(into: []) { $0.append($1) }
            return AddressFindings(families: findings.sorted { $0.0 < $1.0 }.map(\.1))
        }
    }

    /// The confirmed addresses, without asking a service; fixed ones are left out.
    package var confirmed: [AddressReport] { finders.compactMap(\.confirmed) }

    /// What holds changes of the stored addresses, a sentence each; without asking a service.
    package var flips: [String] { finders.compactMap(\.flipText) }
}

/// This machine's addresses, as one run found them.
package struct AddressFindings: Sendable, Equatable {
    /// One per configured family.
    package let families: [AddressFinding]

    package var addresses: PublicAddresses {
        PublicAddresses(v4: observation(.v4), v6: observation(.v6), earlier: families.flatMap(\.earlier))
    }

    private func observation(_ family: IPAddress.Family) -> Observation<IPAddress>? {
        families.first { $0.family == family }?.address
    }
}

/// The public address of one family, as one run found it.
package struct AddressFinding: Sendable, Equatable {
    package let family: IPAddress.Family
    /// The address that records may use.
    package let address: Observation<IPAddress>
    /// Why it could not be confirmed, or is not known; nil when it was confirmed.
    package let unconfirmedReason: String?
    /// Those that this machine had before.
    package var earlier: [IPAddress] = []
}
