public import Model
public import Ports

/// Random numbers of the system.
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
