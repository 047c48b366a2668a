public import Model

/// From when on a certificate is to be renewed, and which rule says so.
///
/// The authority's suggestion may bring the time forward, or put it off until a sixth of the lifetime is left: an authority
/// whose suggestions are broken lets no certificate expire. It cannot have one renewed that has hardly begun, lest each run
/// order anew.
public struct RenewalTime: Hashable, Sendable {
    public enum Rule: Hashable, Sendable {
        /// A third of the lifetime is left, half of it for those under ten days
        /// (https://letsencrypt.org/docs/integration-guide/).
        case lifetime
        /// The authority suggests it.
        case authority
        /// A sixth of the lifetime is left, and the authority suggests a later time.
        case latest
    }

    public let at: Timestamp
    public let rule: Rule

    public init(of certificate: CertificateOnDisk, suggested window: RenewalWindow? = nil) {
        let lifetime = Self.lifetime(of: certificate)
        let fraction = certificate.fingerprint.fraction
        guard let window else {
            let share = Self.isShort(lifetime) ? 2 : 3
            let early = Self.part(fraction, of: min(lifetime / 30, Self.longestHaste))
            (at, rule) = (certificate.notAfter - lifetime / share - early, .lifetime)
            return
        }
        let suggested = window.start + Self.part(fraction, of: window.end - window.start)
        let earliest = certificate.notBefore + min(lifetime / 6, .seconds(86_400))
        let latest = Self.latest(for: certificate)
        (at, rule) = suggested > latest ? (latest, .latest) : (max(suggested, earliest), .authority)
    }

    /// How much earlier than its rule a certificate may be renewed, so that those issued together are not all renewed
    /// together.
    private static let longestHaste = Duration.seconds(3 * 86_400)

    /// With a sixth of its lifetime left a certificate is waited for no longer.
    static func latest(for certificate: CertificateOnDisk) -> Timestamp {
        certificate.notAfter - lifetime(of: certificate) / 6
    }

    static func lifetime(of certificate: CertificateOnDisk) -> Duration {
        max(.zero, certificate.notAfter - certificate.notBefore)
    }

    static func isShort(_ lifetime: Duration) -> Bool { lifetime < .seconds(10 * 86_400) }

    private static func part(_ fraction: Double, of whole: Duration) -> Duration {
        .nanoseconds(Int64(Double(whole.nanoseconds) * fraction))
    }

    /// A clause that follows the time.
    public func words(for certificate: CertificateOnDisk) -> String {
        switch rule {
        case .lifetime: "with \(Self.isShort(Self.lifetime(of: certificate)) ? "half" : "a third") of its lifetime left"
        case .authority: "as its authority suggests"
        case .latest: "with a sixth of its lifetime left, though its authority suggests a later time"
        }
    }
}

extension Fingerprint {
    /// Some number from 0 up to 1, always the same: of many certificates, spread evenly.
    fileprivate var fraction: Double {
        let digits = UInt32(hex.prefix(8), radix: 16) ?? 0
        return Double(digits) / (Double(UInt32.max) + 1)
    }
}
