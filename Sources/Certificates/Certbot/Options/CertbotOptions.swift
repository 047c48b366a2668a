public import Model

/// What is wanted of certbot beyond names and server; checked configuration.
public struct CertbotOptions: Sendable {
    /// Who the account belongs to at an authority that wants to know (`CERTBOT_EAB_KID`, `CERTBOT_EAB_HMAC_KEY`).
    public var binding: AccountBinding?
    /// Nil: a lineage's key stays of its kind, and a new one's is certbot's standard.
    public var key: CertbotKey?
    /// The authority's certificate profile (`CERTBOT_PROFILE`).
    public var profile: String?
    /// Further arguments (`CERTBOT_ARGUMENTS`), checked by `CertbotArguments`.
    public var arguments: [String] = []
    /// A command line for the shell, run when a certificate is on the disk (`CERTBOT_DEPLOY_HOOK`).
    public var deployHook: String?
    /// The name or number of the group that may read keys (`LANDFALL_KEY_GROUP`).
    public var keyGroup: String?

    public init() {}
}

/// External account binding (RFC 8555 §7.3.4).
public struct AccountBinding: Sendable {
    public let kid: String
    public let key: Secret

    public init(kid: String, key: Secret) {
        (self.kid, self.key) = (kid, key)
    }

    /// certbot takes the key as an argument, which anybody could read, or from its configuration file. Never to be shown.
    var configurationFile: [UInt8] { Array("eab-kid = \(kid)\neab-hmac-key = \(key.revealed)\n".utf8) }
}

/// The kind of a certificate's key.
public enum CertbotKey: Hashable, Sendable {
    /// On the NIST curve of that many bits; nil: certbot's standard.
    case ecdsa(bits: Int?)
    case rsa(bits: Int?)

    public static let curves = [256, 384]
    public static let lengths = [2048, 3072, 4096]

    var arguments: [String] {
        switch self {
        case .ecdsa(let bits): ["--key-type", "ecdsa"] + (bits.map { ["--elliptic-curve", "secp\($0)r1"] } ?? [])
        case .rsa(let bits): ["--key-type", "rsa"] + (bits.map { ["--rsa-key-size", "\($0)"] } ?? [])
        }
    }
}
