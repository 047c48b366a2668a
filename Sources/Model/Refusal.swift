/// Something a label asked for that is not done, and why. It stays so until a person acts; the good names beside it are served.
public struct Refusal: Hashable, Sendable, Codable {
    public let origin: Origin
    /// The label's key: `landfall.host`.
    public let label: String
    /// What the label said there, made fit for one line.
    public let value: String
    /// A clause: "an e-mail address is not a host name".
    public let reason: String

    public init(origin: Origin, label: String, value: String, reason: String) {
        (self.origin, self.label, self.reason) = (origin, label, reason)
        self.value = sanitized(value, limit: 100)
    }
}

extension Refusal: CustomStringConvertible {
    public var description: String { "\(origin): \(label): `\(value)` refused: \(reason)" }
}
