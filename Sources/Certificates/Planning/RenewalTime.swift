import Model

/// When a certificate is to be renewed, and which rule says so.
///
/// The authority's suggestion may move it forward, or back until a sixth of the lifetime is left, so that wrong suggestions
/// let no certificate expire. A certificate that has hardly begun is not renewed, or each run would order another one.
struct RenewalTime: Hashable, Sendable {
    enum Rule: Hashable, Sendable {
        /// A third of the lifetime is left, half of it for those under ten days
        /// (https://letsencrypt.org/docs/integration-guide/).
        case lifetime
        /// The authority suggests it.
        case authority
        /// A sixth of the lifetime is left, and the authority suggests a later time.
        case latest
    }

    let at: Timestamp
    let rule: Rule

    init(of certificate: CertificateOnDisk, suggested window: RenewalWindow? = nil) {
        let lifetime = Self.lifetime(of: certificate)
        let fraction = certificate.fingerprint.fraction
        guard let window else {
            let share = Self.isShort(lifetime) ? 2 : 3
            let early = Self.part(fraction, of: min(lifetime / 30, Self.longestAdvance))
            (at, rule) = (certificate.notAfter - lifetime / share - early, .lifetime)
            return
        }
        let suggested = window.start + Self.part(fraction, of: window.end - window.start)
        let earliest = certificate.notBefore + min(lifetime / 6, .seconds(86_400))
        let latest = Self.latest(for: certificate)
        (at, rule) = suggested > latest ? (latest, .latest) : (max(suggested, earliest), .authority)
    }

    /// A certificate may be renewed so much earlier than its rule says, to spread those that were issued together.
    private static let longestAdvance = Duration.seconds(3 * 86_400)

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
    func explanation(for certificate: CertificateOnDisk) -> String {
        switch rule {
        case .lifetime: "with \(Self.isShort(Self.lifetime(of: certificate)) ? "half" : "a third") of its lifetime left"
        case .authority: "as its authority suggests"
        case .latest: "with a sixth of its lifetime left, though its authority suggests a later time"
        }
    }
}

extension Fingerprint {
    /// A number from 0 up to 1 that is always the same for one certificate, and spread evenly over many.
    fileprivate var fraction: Double {
        let digits = UInt32(hex.prefix(8), radix: 16) ?? 0
        return Double(digits) / (Double(UInt32.max) + 1)
    }
}

/// When an authority would like a certificate renewed (RFC 9773 §4.2, `suggestedWindow`).
struct RenewalWindow: Hashable, Sendable, Codable {
    let start: Timestamp
    let end: Timestamp

    /// Nil where it does not end after it starts, which RFC 9773 §4.2 treats as no suggestion.
    init?(from start: Timestamp, to end: Timestamp) {
        guard start < end else { return nil }
        (self.start, self.end) = (start, end)
    }
}
