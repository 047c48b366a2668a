package import DNS
package import Model

/// What solves certbot's dns-01 challenges (`CERTBOT_AUTHENTICATOR`).
package enum CertbotAuthenticator: Sendable {
    /// Landfall itself, through certbot's manual hooks and the provider that serves the zone.
    case landfall
    /// One of certbot's DNS plugins, with its blind wait.
    case plugin(CertbotPlugin)

    package var isPlugin: Bool { if case .plugin = self { true } else { false } }

    var plugin: CertbotPlugin? { if case .plugin(let plugin) = self { plugin } else { nil } }

    /// Reads the value of `CERTBOT_AUTHENTICATOR`.
    ///
    /// - Parameters:
    ///   - credentials: the contents of the plugin's file.
    ///   - cloudflare: what certbot's Cloudflare plugin gets when it has no file.
    package init(
        named name: String,
        credentials: Secret? = nil,
        cloudflare: CloudflareCredentials? = nil
    ) throws(CertbotAuthenticatorError) {
        switch (name, credentials ?? (name == "dns-cloudflare" ? cloudflare?.pluginFile : nil)) {
        case ("landfall", nil): self = .landfall
        case ("landfall", _?): throw .needlessCredentials
        case ("dns-cloudflare", nil): throw .noCloudflareCredentials
        case (_, let credentials):
            guard CertbotPlugin.isName(name) else { throw .unknown(name) }
            self = .plugin(CertbotPlugin(name: name, credentials: credentials))
        }
    }
}

/// A DNS plugin that is installed beside certbot.
package struct CertbotPlugin: Sendable {
    /// `dns-cloudflare`.
    package let name: String
    /// The contents of its credentials file; nil for one that needs none.
    package let credentials: Secret?

    /// The provider of Landfall's whose zones it writes, as Landfall would; nil where that is not known.
    var provider: String? { ["dns-cloudflare": "Cloudflare", "dns-rfc2136": "RFC 2136"][name] }

    static func isName(_ text: String) -> Bool {
        text.hasPrefix("dns-") && text.count > 4
            && text.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) }
    }

    /// - Parameter path: of the credentials file.
    func authentication(credentials path: String?, wait: Duration) -> CertbotAuthentication {
        let arguments = ["--authenticator", name]
        // It reads the credentials of Amazon's own tools, and knows by itself when its change is everywhere.
        guard name != "dns-route53" else {
            let file = path.map { ["AWS_SHARED_CREDENTIALS_FILE": $0] } ?? [:]
            return CertbotAuthentication(arguments: arguments, environment: file)
        }
        let file = path.map { ["--\(name)-credentials", $0] } ?? []
        let seconds = ["--\(name)-propagation-seconds", "\(wait.components.seconds)"]
        return CertbotAuthentication(arguments: arguments + file + seconds, environment: [:])
    }
}

extension CloudflareCredentials {
    /// The plugin's credentials file (https://certbot-dns-cloudflare.readthedocs.io/).
    fileprivate var pluginFile: Secret {
        switch self {
        case .token(let token): Secret("dns_cloudflare_api_token = \(token.revealed)")
        case .globalKey(let email, let key):
            Secret("dns_cloudflare_email = \(email)\ndns_cloudflare_api_key = \(key.revealed)")
        }
    }
}

/// Why an authenticator cannot be used. The description is a clause that follows the variable's name.
package enum CertbotAuthenticatorError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknown(String)
    case noCloudflareCredentials
    case needlessCredentials

    package var description: String {
        switch self {
        case .unknown(let name):
            "takes `landfall` or a certbot DNS plugin such as `dns-cloudflare`, not `\(sanitized(name, limit: 60))`"
        case .noCloudflareCredentials: "is `dns-cloudflare`, which needs CERTBOT_CREDENTIALS or CLOUDFLARE_API_TOKEN"
        case .needlessCredentials: "is `landfall`, and CERTBOT_CREDENTIALS are for one of certbot's plugins"
        }
    }
}
