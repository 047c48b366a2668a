/// The port to chance.
public protocol Randomness: Sendable {
    func bytes(_ count: Int) -> [UInt8]
}

extension Randomness {
    /// An unguessable lower-case hexadecimal token of `bytes` random bytes.
    public func token(bytes count: Int = 16) -> String {
        bytes(count).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// A number in 0 ..< 1.
    public func fraction() -> Double {
        Double(bytes(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) / Double(1 << 48 as UInt64)
    }
}

public struct SystemRandomness: Randomness {
    public init() {}

    public func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
