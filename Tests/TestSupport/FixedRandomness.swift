package import Model
import Ports

/// Chance that always falls the same way.
package struct FixedRandomness: Randomness {
    private let fraction: Double

    package init(fraction: Double = 0.999) { self.fraction = fraction }

    package func fraction(for scope: Scope) -> Double { fraction }

    package func token(bytes count: Int, for scope: Scope) -> String { String(repeating: "ff", count: count) }
}
