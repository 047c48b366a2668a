public import Model

/// `LANDFALL_IP`: where the public address comes from.
public enum AddressSource: Hashable, Sendable {
    case fixed(IPAddress)
    /// Services that answer with the caller's address, asked in turn.
    case services([String])
}
