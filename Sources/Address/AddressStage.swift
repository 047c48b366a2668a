public import Log
import Model
public import Ports
public import State

/// Finds the addresses at which the Internet sees this machine, and doubts every change.
public struct AddressStage: Sendable {
    private let finders: [AddressFinder]

    /// Each family has its own source, and its own belief in the store.
    public init(
        v4: AddressSource,
        v6: AddressSource,
        transport: any HTTPTransport,
        interfaces: any Interfaces,
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
                state: state,
                clock: clock,
                log: log
            )
        }
    }

    /// Asks for all families that are wanted, side by side.
    public func find() async -> AddressFindings {
        await withTaskGroup(of: (Int, AddressFinding).self) { group in
            for (index, finder) in finders.enumerated() { group.addTask { (index, await finder.find()) } }
            let findings = await group.reduce(into: []) { $0.append($1) }
            return AddressFindings(families: findings.sorted { $0.0 < $1.0 }.map(\.1))
        }
    }

    /// What is believed, without asking anybody. An address that was typed in is no belief.
    public var believed: [ConfirmedAddressReport] { finders.compactMap(\.believed) }
}
