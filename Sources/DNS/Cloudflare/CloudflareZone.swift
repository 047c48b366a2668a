import Model

/// A zone as the API gives it (https://developers.cloudflare.com/api/resources/zones/). What it does not say counts as usual.
struct CloudflareZone: Decodable, Sendable, Identifiable {
    let id: String
    let name: String
    private let status: String?
    private let isPaused: Bool?
    private let type: String?
    private let nameServers: [String]?

    private enum CodingKeys: String, CodingKey {
        case id, name, status, type
        case isPaused = "paused"
        case nameServers = "name_servers"
    }

    /// More than any zone has.
    private static let mostServers = 13

    /// The servers that Cloudflare has assigned to the zone.
    var servers: [String] {
        (nameServers ?? []).prefix(Self.mostServers).compactMap { (try? DomainName($0))?.text }
    }

    /// Why the world does not get its records from Cloudflare; nil where it does. Only active, full zones are served.
    var unservedReason: String? {
        let subject = "Cloudflare lists the zone \(sanitized(name, limit: 253))"
        if let status, status != "active" { return "\(subject) as `\(shown(status))`\(meaning(of: status))" }
        if let type, type != "full" { return "\(subject) with the type `\(shown(type))`\(meaning(ofType: type))" }
        guard isPaused == true else { return nil }
        return "\(subject) as paused; resume it in Cloudflare's dashboard (Overview, Advanced Actions)"
    }

    private func meaning(of status: String) -> String {
        let servers = servers.isEmpty ? "Cloudflare's name servers" : servers.joined(separator: " and ")
        return switch status {
        case "pending", "initializing":
            ", so its records there are not served yet; name \(servers) as its name servers at the domain's registrar"
        case "moved":
            ", because the domain's registrar names other name servers; name \(servers) there, or \(Self.leave)"
        case "deactivated": ", so it is not served; let Cloudflare activate it again, or \(Self.leave)"
        default: ", and serves active zones only; mend that in Cloudflare's dashboard, or \(Self.leave)"
        }
    }

    private func meaning(ofType type: String) -> String {
        switch type {
        case "partial":
            ", so another provider answers for the domain and never shows a challenge from Cloudflare; give Landfall that "
                + "provider, or turn it into a full zone"
        case "secondary":
            ", so it is a copy of the zone on its primary server; let Landfall change it there (RFC2136_SERVER), or turn it "
                + "into a full zone"
        default: ", and only full zones are served as Landfall writes them; turn it into a full zone, or \(Self.leave)"
        }
    }

    private static let leave = "remove the zone from Cloudflare"

    private func shown(_ word: String) -> String { sanitized(word, limit: 40) }
}
