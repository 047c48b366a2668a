/// How certbot is run; checked configuration.
public struct CertbotSettings: Sendable {
    /// Let's Encrypt's directories (https://letsencrypt.org/docs/acme-protocol-updates/).
    public static let production = "https://acme-v02.api.letsencrypt.org/directory"
    public static let staging = "https://acme-staging-v02.api.letsencrypt.org/directory"

    /// The PATH that certbot gets. `program` itself is looked up on ours (posix_spawnp(3)).
    public static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// A path, or a name that is looked up on PATH (`CERTBOT_PROGRAM`).
    public var program = "certbot"
    public var options = CertbotOptions()
    /// `CERTBOT_CONFIG_DIR`.
    public var configDirectory = "/etc/letsencrypt"
    /// `LANDFALL_STATE_DIR`; what certbot needs for a run lies in `certbot` below it.
    public var stateDirectory: String
    /// The ACME directory's URL.
    public var server = Self.production
    /// The limits of `server`; nil: those that it has made known.
    public var limits: CertificateLimits?
    /// By an authority's directory, that of the staging authority where what was never certified is tried after a failure.
    public var stagings = [Self.production: Self.staging]
    /// For the account; without one it is registered without.
    public var email: String?
    /// PEM file that replaces certbot's authorities (`LANDFALL_CA_FILE`).
    public var authorities: String?
    /// Of one certbot.
    public var timeLimit: Duration = .seconds(300)
    public var authenticator = CertbotAuthenticator.landfall
    /// How many certbots may run at a time.
    public var concurrency = 4
    /// The longest wait for a challenge to be seen in DNS.
    public var propagationLimit: Duration = .seconds(60)
    /// The path of the `landfall` program, which certbot calls as its hook.
    public var hookProgram: String
    /// The daemon's Unix socket, which the hook calls.
    public var socket: String
    /// Further variables for certbot, such as a proxy's.
    public var environment: [String: String] = [:]

    public init(stateDirectory: String, hookProgram: String, socket: String) {
        (self.stateDirectory, self.hookProgram, self.socket) = (stateDirectory, hookProgram, socket)
    }
}

extension CertbotSettings {
    /// The limits that orders are counted against.
    var effectiveLimits: CertificateLimits { limits ?? .standard(of: server) }

    /// Those for trying against staging; nil where the authority has none.
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
