package import Model

/// The checked configuration of certbot and the ACME server.
package struct CertbotSettings: Sendable {
    /// Let's Encrypt's directories (https://letsencrypt.org/docs/acme-protocol-updates/).
    package static let production = "https://acme-v02.api.letsencrypt.org/directory"
    package static let staging = "https://acme-staging-v02.api.letsencrypt.org/directory"

    /// The PATH that certbot gets. `program` itself is looked up on ours (posix_spawnp(3)).
    package static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// A path, or a name that is looked up on PATH (`CERTBOT_PROGRAM`).
    package var program = "certbot"
    package var options = CertbotOptions()
    /// `CERTBOT_CONFIG_DIR`.
    package var configDirectory = "/etc/letsencrypt"
    /// `LANDFALL_STATE_DIR`; certbot's files of a run are in `certbot` below it.
    package var stateDirectory: String
    package var server = Self.production
    /// What `server` certifies at all; nil: by what it is.
    package var rules: CertificateRules?
    /// The rate limits of `server`; nil: the published ones.
    package var limits: CertificateLimits?
    /// The directory of each authority's staging server, where names that were never certified are tried after a failure.
    package var stagings = [Self.production: Self.staging]
    package var email: String?
    /// A PEM file that replaces certbot's trusted authorities (`LANDFALL_CA_FILE`).
    package var authorities: String?
    package var timeLimit: Duration = .seconds(300)
    package var authenticator = CertbotAuthenticator.landfall
    package var concurrency = 4
    package var propagationLimit: Duration = .seconds(60)
    /// The path of the `landfall` program, which certbot calls as its hook.
    package var hookProgram: String
    /// The daemon's Unix socket, which the hook calls.
    package var socket: String
    /// Further variables for certbot, such as a proxy's.
    package var environment: [String: String] = [:]

    package init(stateDirectory: String, hookProgram: String, socket: String) {
        (self.stateDirectory, self.hookProgram, self.socket) = (stateDirectory, hookProgram, socket)
    }

    var effectiveLimits: CertificateLimits { limits ?? .standard(of: server) }
    var effectiveRules: CertificateRules { rules ?? .standard(of: server) }

    /// The settings for the authority's staging server; nil where it has none.
    var staging: CertbotSettings? {
        guard let server = stagings[server] else { return nil }
        var settings = self
        settings.server = server
        settings.limits = nil
        settings.stagings = [:]
        settings.configDirectory = "\(stateDirectory)/certbot/staging"
        return settings
    }
}

/// The checked options of certbot beyond names and server.
package struct CertbotOptions: Sendable {
    /// The external account binding, where the authority requires one (`CERTBOT_EAB_KID`, `CERTBOT_EAB_HMAC_KEY`).
    package var binding: AccountBinding?
    /// Nil: the key of a lineage stays of its kind, and a new lineage gets certbot's default.
    package var key: CertbotKey?
    /// The authority's certificate profile (`CERTBOT_PROFILE`).
    package var profile: String?
    /// Further arguments (`CERTBOT_ARGUMENTS`), checked by `CertbotArguments`.
    package var arguments: [String] = []
    /// A command line for the shell that runs when a certificate is on the disk (`CERTBOT_DEPLOY_HOOK`).
    package var deployHook: String?
    /// The name or number of the group that may read keys (`LANDFALL_KEY_GROUP`).
    package var keyGroup: String?

    package init() {}
}

/// External account binding (RFC 8555 §7.3.4).
package struct AccountBinding: Sendable {
    package let kid: String
    package let key: Secret

    package init(kid: String, key: Secret) { (self.kid, self.key) = (kid, key) }

    /// certbot takes the key from its configuration file or as an argument, which other users could read. Secret.
    var configurationFile: [UInt8] { Array("eab-kid = \(kid)\neab-hmac-key = \(key.revealed)\n".utf8) }
}

package enum CertbotKey: Hashable, Sendable {
    /// On the NIST curve of that many bits; nil: certbot's default.
    case ecdsa(bits: Int?)
    case rsa(bits: Int?)

    package static let curves = [256, 384]
    package static let lengths = [2048, 3072, 4096]

    var arguments: [String] {
        switch self {
        case .ecdsa(let bits): ["--key-type", "ecdsa"] + (bits.map { ["--elliptic-curve", "secp\($0)r1"] } ?? [])
        case .rsa(let bits): ["--key-type", "rsa"] + (bits.map { ["--rsa-key-size", "\($0)"] } ?? [])
        }
    }
}
