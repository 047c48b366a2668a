public import Model

/// When an authority would like a certificate renewed (RFC 9773 §4.2, `suggestedWindow`).
public struct RenewalWindow: Hashable, Sendable {
    public let start: Timestamp
    public let end: Timestamp

    /// Nil where it does not end after it starts: then the authority has said nothing (RFC 9773 §4.2).
    public init?(from start: Timestamp, to end: Timestamp) {
        guard start < end else { return nil }
        (self.start, self.end) = (start, end)
    }
}
