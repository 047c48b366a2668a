public import Model

/// The port to chance.
public protocol Randomness: Sendable {
    /// A number in 0 ..< 1.
    func fraction(for scope: Scope) -> Double
    /// An unguessable lower-case hexadecimal text of `count` random bytes. It is a secret: no recording holds it.
    func token(bytes count: Int, for scope: Scope) -> String
}

public struct SystemRandomness: Randomness {
    public init() {}

    public func fraction(for scope: Scope) -> Double { Double.random(in: 0..<1) }

    public func token(bytes count: Int, for scope: Scope) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
