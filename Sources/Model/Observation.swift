/// What was seen of something outside. *Unavailable is not empty*: nothing is deleted or overwritten on the strength of it.
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
