/// Something that was read, or why it could not be. *Unavailable is not empty*: nothing is deleted or overwritten for it.
package enum Observation<Value> {
    case known(Value)
    case unavailable(reason: String)

    package var value: Value? {
        if case .known(let value) = self { value } else { nil }
    }

    package var reason: String? {
        if case .unavailable(let reason) = self { reason } else { nil }
    }

    package func map<Other>(_ transform: (Value) -> Other) -> Observation<Other> {
        switch self {
        case .known(let value): .known(transform(value))
        case .unavailable(let reason): .unavailable(reason: reason)
        }
    }
}

extension Observation: Sendable where Value: Sendable {}
extension Observation: Equatable where Value: Equatable {}

/// The public addresses of this machine. A family that was not looked up is nil.
package struct PublicAddresses: Sendable, Equatable {
    package let v4: Observation<IPAddress>?
    package let v6: Observation<IPAddress>?
    /// Those that it had before.
    package let earlier: [IPAddress]

    package init(v4: Observation<IPAddress>?, v6: Observation<IPAddress>?, earlier: [IPAddress] = []) {
        (self.v4, self.v6, self.earlier) = (v4, v6, earlier)
    }

    package func isCurrent(_ address: IPAddress) -> Bool { v4?.value == address || v6?.value == address }

    /// Whether it is, or was, an address of this machine.
    package func isOrWas(_ address: IPAddress) -> Bool { isCurrent(address) || earlier.contains(address) }
}
