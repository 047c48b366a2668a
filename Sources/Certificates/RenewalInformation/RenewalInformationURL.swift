import FoundationEssentials
import Model

/// Where an authority's directory may send Landfall for renewal information. The directory is the authority's own text, but a
/// request leaves from inside this network, so it must not lead to any host.
enum RenewalInformationURL {
    private static let longest = 2048

    /// Returns `url` if it is https and on the registrable domain of the directory (or on its host, which may have none).
    static func checked(_ url: String, directory: String) -> String? {
        guard url.utf8.count <= longest, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let asked = URLComponents(string: url), let own = URLComponents(string: directory),
            asked.user == nil, asked.password == nil, asked.query == nil, asked.fragment == nil,
            let host = asked.host?.lowercased(), let ownHost = own.host?.lowercased(),
            // CERTBOT_SERVER takes only https.
            let scheme = asked.scheme?.lowercased(), scheme == "https" || scheme == own.scheme?.lowercased(),
            host == ownHost || isSameDomain(host, ownHost)
        else { return nil }
        return url
    }

    private static func isSameDomain(_ left: String, _ right: String) -> Bool {
        guard let left = (try? DomainName(left))?.registrableDomain else { return false }
        return left == (try? DomainName(right))?.registrableDomain
    }
}
