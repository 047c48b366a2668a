public import Model

/// What came of looking for this machine's addresses in one run.
public struct AddressFindings: Sendable, Equatable {
    /// One of each family that is wanted.
    public let families: [AddressFinding]

    public var addresses: PublicAddresses {
        PublicAddresses(v4: observation(.v4), v6: observation(.v6))
    }

    private func observation(_ family: IPAddress.Family) -> Observation<IPAddress>? {
        families.first { $0.family == family }?.address
    }
}

public struct AddressFinding: Sendable, Equatable {
    public let family: IPAddress.Family
    /// What records may be made of.
    public let address: Observation<IPAddress>
    /// Why it could not be confirmed, or is not known; nil when all is well.
    public let trouble: String?
}
