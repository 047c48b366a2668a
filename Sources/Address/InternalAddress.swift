package import Model
package import Ports

/// `LANDFALL_INTERNAL_ADDRESS`: the address of this machine in the internal view. It is what a person typed, or what the kernel
/// says, so it needs no confirmation.
package enum InternalAddress: Hashable, Sendable {
    /// At most one of each family. Without any, hosts are in the internal view only where a label says so.
    case fixed([IPAddress])
    /// The IPv4 address of this network interface.
    case interface(String)

    /// Parses `off`, an address of each family, or `interface:NAME`.
    package init(_ text: String) throws(InternalAddressError) {
        let parts = text.split(separator: ",").map(\.trimmed)
        if text.trimmed.lowercased() == "off" {
            self = .fixed([])
        } else if case .interface(let name)? = try? AddressSource.parse(text, for: .v4) {
            self = .interface(name)
        } else {
            let addresses = parts.compactMap { IPAddress($0) }
            let isOne = addresses.count == Set(addresses.map(\.family)).count
            guard addresses.count == parts.count, isOne, !parts.isEmpty else { throw InternalAddressError(text: text) }
            self = .fixed(addresses)
        }
    }

    /// Typed addresses that no other machine reaches, a clause each.
    package var doubts: [String] {
        guard case .fixed(let addresses) = self else { return [] }
        return addresses.compactMap { address in
            address.notInsideReason.map { "\(address) \($0); no other machine reaches records with it" }
        }
    }

    package func find(_ interfaces: any Interfaces) -> PublicAddresses {
        switch self {
        case .fixed(let addresses):
            let known = addresses.map { Observation.known($0) }
            return PublicAddresses(
                v4: known.first { $0.value?.family == .v4 },
                v6: known.first { $0.value?.family == .v6 }
            )
        case .interface(let name): return PublicAddresses(v4: read(name, interfaces), v6: nil)
        }
    }

    private func read(_ name: String, _ interfaces: any Interfaces) -> Observation<IPAddress> {
        do throws(InterfaceError) {
            let present = try interfaces.addresses(of: name, for: .address).map(\.address).filter { $0.family == .v4 }
            if let address = present.first(where: { $0.notInsideReason == nil }) { return .known(address) }
            let others = present.map { "\($0) \($0.notInsideReason ?? "")" }.joined(separator: ", ")
            return .unavailable(reason: "\(name) has no such address" + (others.isEmpty ? "" : ": \(others)"))
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }
}

/// A text that is no internal address.
package struct InternalAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    let text: String

    package var description: String {
        "`\(sanitized(text, limit: 100))` is none of these: an address, one of each family separated by a comma, "
            + "`interface:NAME`, or `off`"
    }
}
