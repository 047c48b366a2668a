public import Timing

/// Chance that always falls the same way.
public struct FixedRandomness: Randomness {
    private let byte: UInt8

    /// - Parameter byte: 0 makes every fraction 0, 255 makes it almost 1.
    public init(byte: UInt8 = 255) {
        self.byte = byte
    }

    public func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }
}
