/// A version of the engine's API. Engines serve a range; 20.10 ends at 1.41 and 29.0 begins at 1.44, so it is negotiated.
public struct APIVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    static let oldest = APIVersion(major: 1, minor: 41)
    /// The newest whose shapes this program was written against.
    static let newest = APIVersion(major: 1, minor: 51)

    init(major: Int, minor: Int) {
        (self.major, self.minor) = (major, minor)
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".").map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major: major, minor: minor)
    }

    public static func < (left: APIVersion, right: APIVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    public var description: String { "\(major).\(minor)" }
}
