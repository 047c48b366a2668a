/// The addresses at which the Internet sees this machine. Nil where nobody asked.
public struct PublicAddresses: Sendable, Equatable {
    public let v4: Observation<IPAddress>?
    public let v6: Observation<IPAddress>?

    public init(v4: Observation<IPAddress>?, v6: Observation<IPAddress>?) {
        (self.v4, self.v6) = (v4, v6)
    }
}
