public import DNS
import Model

/// Who answers certbot's dns-01 challenges (`CERTBOT_AUTHENTICATOR`).
public enum CertbotAuthenticator: Sendable {
    /// Landfall itself, through certbot's manual hooks and whatever provider serves the zone.
    case landfall
    /// certbot's own Cloudflare plugin.
    case cloudflare(CloudflareCredentials)

    /// What stands in `CERTBOT_AUTHENTICATOR`.
    public init(named name: String, cloudflare: CloudflareCredentials?) throws(CertbotAuthenticatorError) {
        switch (name, cloudflare) {
        case ("landfall", _): self = .landfall
        case ("dns-cloudflare", let login?): self = .cloudflare(login)
        case ("dns-cloudflare", nil): throw .noCloudflareCredentials
        default: throw .unknown(name)
        }
    }
}

extension CloudflareCredentials {
    /// The plugin's credentials file (https://certbot-dns-cloudflare.readthedocs.io/). Never to be shown.
    var pluginFile: [UInt8] {
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
    case noCloudflareCredentials

    public var description: String {
        switch self {
        case .unknown(let name): "takes `landfall` or `dns-cloudflare`, not `\(oneLine(name, limit: 60))`"
        case .noCloudflareCredentials: "is `dns-cloudflare`, which needs CLOUDFLARE_API_TOKEN"
        }
    }
}
