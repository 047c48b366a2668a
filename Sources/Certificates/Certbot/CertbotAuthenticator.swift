public import Model

/// Who answers certbot's dns-01 challenges (`CERTBOT_AUTHENTICATOR`).
public enum CertbotAuthenticator: Sendable {
    /// Landfall itself, through certbot's manual hooks and whatever provider serves the zone.
    case landfall
    /// certbot's own Cloudflare plugin.
    case cloudflare(CloudflareLogin)

    /// What stands in `CERTBOT_AUTHENTICATOR`.
    public init(named name: String, cloudflare: CloudflareLogin?) throws(CertbotAuthenticatorError) {
        switch (name, cloudflare) {
        case ("landfall", _): self = .landfall
        case ("dns-cloudflare", let login?): self = .cloudflare(login)
        case ("dns-cloudflare", nil): throw .noCloudflareLogin
        default: throw .unknown(name)
        }
    }
}

/// As certbot's plugin takes it (https://certbot-dns-cloudflare.readthedocs.io/).
public enum CloudflareLogin: Sendable {
    case token(Secret)
    case globalKey(email: String, key: Secret)

    /// The plugin's credentials file. Never to be shown.
    var credentials: [UInt8] {
        switch self {
        case .token(let token): Array("dns_cloudflare_api_token = \(token.revealed)\n".utf8)
        case .globalKey(let email, let key):
            Array("dns_cloudflare_email = \(email)\ndns_cloudflare_api_key = \(key.revealed)\n".utf8)
        }
    }
}

/// The description is a clause that follows the variable's name.
public enum CertbotAuthenticatorError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknown(String)
    case noCloudflareLogin

    public var description: String {
        switch self {
        case .unknown(let name): "takes `landfall` or `dns-cloudflare`, not `\(oneLine(name, limit: 60))`"
        case .noCloudflareLogin: "is `dns-cloudflare`, which needs CLOUDFLARE_API_TOKEN"
        }
    }
}
