package import Model

/// The port to what a server shows to those who come for a name.
package protocol TLSProbe: Sendable {
    /// The certificate that is shown, as PEM. Whether anybody should trust it is not looked at.
    ///
    /// - Parameter name: what is asked for (SNI, RFC 6066 §3).
    func certificate(
        for name: String,
        at endpoint: ProbeEndpoint,
        for scope: Scope
    ) async throws(TransportError) -> [UInt8]
}
