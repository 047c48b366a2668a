package import Model

/// The port to this machine's network interfaces.
package protocol Interfaces: Sendable {
    /// The addresses of the interface `name`, in the kernel's order; link-local ones are among them.
    func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress]
}

/// An address of a network interface.
package struct InterfaceAddress: Hashable, Sendable, Codable {
    package let address: IPAddress
    /// It goes soon, or is not there yet: temporary (RFC 8981), deprecated, or not yet known to be unique (RFC 4862).
    package let isTemporary: Bool

    package init(_ address: IPAddress, isTemporary: Bool = false) {
        (self.address, self.isTemporary) = (address, isTemporary)
    }
}

/// Why the addresses of an interface are not known.
package enum InterfaceError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    case missing(String)
    case failed(String, reason: String)

    package var description: String {
        switch self {
        case .missing(let name): "there is no network interface \(name)"
        case .failed(let name, let reason): "the addresses of \(name) cannot be read: \(reason)"
        }
    }

    private enum MissingCodingKeys: String, CodingKey { case _0 = "name" }
    private enum FailedCodingKeys: String, CodingKey { case _0 = "name", reason }
}
