import FoundationEssentials
import Model

/// Tells services of one operator from those of another.
enum ServiceOperator {
    /// The registrable domain of the URL's host; an address, or a name without such a domain, stands for itself. What runs
    /// on this machine is told apart by its port.
    static func name(ofServiceAt url: String) -> String {
        let components = URLComponents(string: url)
        let host = components?.host?.lowercased() ?? url
        if isThisMachine(host) { return "\(host):\(components?.port ?? 0)" }
        guard let name = try? DomainName(host) else { return host }
        return (name.registrableDomain ?? name).text
    }

    /// Whether a URL's host is one that is never left for the network.
    static func isThisMachine(_ host: String) -> Bool {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard let address = IPAddress(bare) else { return host.lowercased() == "localhost" }
        return address.family == .v4 ? address.bytes[0] == 127 : address == IPAddress("::1")
    }
}
