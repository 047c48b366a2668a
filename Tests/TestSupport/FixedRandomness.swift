public import Model
public import Ports

/// Chance that always falls the same way.
public struct FixedRandomness: Randomness {
    private let fraction: Double

    public init(fraction: Double = 0.999) {
        self.fraction = fraction
    }

    public func fraction(for scope: Scope) -> Double { fraction }

    public func token(bytes count: Int, for scope: Scope) -> String { String(repeating: "ff", count: count) }
}
