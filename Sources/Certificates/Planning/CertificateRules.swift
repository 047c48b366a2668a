import Model

/// What an authority certifies at all (`CERTBOT_RULES`). It is known before an order, so none is placed that would be
/// refused for it.
package enum CertificateRules: String, Sendable, Decodable {
    /// Of an authority of one's own, which may certify anything.
    case none = "off"
    /// Of every authority that browsers trust (https://cabforum.org/working-groups/server/baseline-requirements/).
    case publicAuthority = "public"
    /// https://letsencrypt.org/docs/profiles/, and what its server checks in each name.
    case letsEncrypt = "letsencrypt"

    /// The rules of an authority; none for one that is not known to be public.
    package static func standard(of server: String) -> CertificateRules {
        let host = (server.text(after: "://") ?? server).prefix { !"/:".contains($0) }
        switch (try? DomainName(host))?.registrableDomain?.text {
        case "letsencrypt.org": return .letsEncrypt
        case "actalis.com", "buypass.com", "buypass.no", "pki.goog", "sectigo.com", "ssl.com", "zerossl.com":
            return .publicAuthority
        default: return .none
        }
    }

    /// Let's Encrypt counts the labels without `*`.
    private static let labelLimit = 10

    /// Why no certificate can hold the name, a clause with what would help; nil where one can.
    func reason(against name: DomainName) -> String? {
        let bare = name.withoutWildcard
        if "_acme-challenge.\(bare)".utf8.count > 253 {
            return "\(bare) is too long to be certified: the name of its challenge, "
                + "_acme-challenge.\(bare.text.prefix(20))…, would have more than 253 characters"
        }
        guard self != .none else { return nil }
        if let label = bare.labels.first(where: { $0.dropFirst(2).hasPrefix("--") && !$0.hasPrefix("xn--") }) {
            return "\(issuer) never certifies \(name): `\(label)` has hyphens as its third and fourth characters; "
                + advice
        }
        if bare.isRegistrySuffix { return "\(issuer) never certifies \(name): it is a public suffix" }
        if !bare.endsInPublicSuffix {
            return "\(issuer) never certifies \(name): it ends in no public suffix; only an authority of your own can "
                + "(CERTBOT_SERVER), or use `landfall.certificate: none`"
        }
        if self == .letsEncrypt, bare.labels.count > Self.labelLimit {
            return "\(issuer) never certifies \(name): it has more than \(Self.labelLimit) labels; \(advice)"
        }
        return nil
    }

    private var issuer: String { self == .letsEncrypt ? "Let's Encrypt" : "a public authority" }

    private var advice: String { "use `landfall.certificate: none`, or let a wildcard cover it" }

    /// How many names a certificate holds at most.
    func nameLimit(profile: String?) -> Int {
        self == .letsEncrypt && ["tlsserver", "shortlived"].contains(profile) ? 25 : 100
    }

    /// Whether an order with must-staple is refused, after its challenges were solved
    /// (https://letsencrypt.org/2024/12/05/ending-ocsp).
    package var refusesMustStaple: Bool { self == .letsEncrypt }
}
