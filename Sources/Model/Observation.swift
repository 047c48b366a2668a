/// Something outside that was read, or the reason why it could not be. *Unavailable is not empty*: Landfall deletes and
/// overwrites nothing because of it.
public enum Observation<Value> {
    case known(Value)
    case unavailable(reason: String)

    public var value: Value? {
        if case .known(let value) = self { value } else { nil }
    }

    public var reason: String? {
        if case .unavailable(let reason) = self { reason } else { nil }
    }

    public func map<Other>(_ transform: (Value) -> Other) -> Observation<Other> {
        switch self {
        case .known(let value): .known(transform(value))
        case .unavailable(let reason): .unavailable(reason: reason)
        }
    }
}

extension Observation: Sendable where Value: Sendable {}
extension Observation: Equatable where Value: Equatable {}

/// The public addresses of this machine. A family that was not looked up is nil.
public struct PublicAddresses: Sendable, Equatable {
    public let v4: Observation<IPAddress>?
    public let v6: Observation<IPAddress>?

    public init(v4: Observation<IPAddress>?, v6: Observation<IPAddress>?) {
        (self.v4, self.v6) = (v4, v6)
    }
}
