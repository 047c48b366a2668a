import FoundationEssentials
package import Model

/// `LANDFALL_IP`, `LANDFALL_IPV6`: where the public address of a family comes from.
package enum AddressSource: Hashable, Sendable {
    /// From nowhere: hosts get no record of this family.
    case off
    /// The services that Landfall knows.
    case automatic
    case fixed(IPAddress)
    /// URLs of services that answer with the caller's address, asked in turn.
    case services([String])
    /// This network interface, by its name.
    case interface(String)

    /// Parses `auto`, `off`, an address, `interface:NAME`, or URLs separated by commas.
    package static func parse(_ text: String, for family: IPAddress.Family) throws(AddressSourceError) -> AddressSource
    {
        let parts = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        guard let first = parts.first else { throw .empty }
        if parts.count == 1, let source = try single(first, family) { return source }
        var urls: [String] = []
        for part in parts { urls.append(try checkedURL(part)) }
        return .services(urls)
    }

    /// Everything but URLs.
    private static func single(
        _ text: String,
        _ family: IPAddress.Family
    ) throws(AddressSourceError) -> AddressSource? {
        switch text.lowercased() {
        case "auto", "on": return .automatic
        case "off": return .off
        default: break
        }
        if text.hasPrefix(interfacePrefix) {
            return .interface(try checkedInterface(text.dropFirst(interfacePrefix.count)))
        }
        guard let address = IPAddress(text) else { return nil }
        guard address.family == family else { throw .otherFamily(address, wanted: family) }
        return .fixed(address)
    }

    private static let interfacePrefix = "interface:"

    /// As the kernel takes names: at most 15 bytes, no slash, space or colon (dev_valid_name in net/core/dev.c).
    private static func checkedInterface(_ name: Substring) throws(AddressSourceError) -> String {
        let isPlain = name.unicodeScalars.allSatisfy { ("!"..."~").contains($0) && $0 != "/" && $0 != ":" }
        guard isPlain, (1...15).contains(name.utf8.count), name != ".", name != ".." else {
            throw .interface(String(name))
        }
        return String(name)
    }

    /// https, because others on the way could answer otherwise; http only within this machine.
    private static func checkedURL(_ text: String) throws(AddressSourceError) -> String {
        guard text.unicodeScalars.allSatisfy({ ("!"..."~").contains($0) }), let url = URLComponents(string: text),
            let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme), let host = url.host,
            !host.isEmpty
        else { throw .unknown(text) }
        guard url.user == nil else { throw .credentials(host) }
        guard scheme == "https" || ServiceOperator.isThisMachine(host) else { throw .notSecure(text) }
        return text
    }
}

/// Why a text is no source; the description is a clause that names what would be right.
package enum AddressSourceError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case unknown(String)
    case notSecure(String)
    /// Of which host; the credentials themselves are not repeated.
    case credentials(String)
    case interface(String)
    case otherFamily(IPAddress, wanted: IPAddress.Family)

    package var description: String {
        switch self {
        case .empty: "it names nothing; \(Self.right)"
        case .unknown(let text): "`\(sanitized(text, limit: 100))` is none of these: \(Self.right)"
        case .notSecure(let text): "`\(sanitized(text, limit: 100))` is not https, so anybody on the way could answer"
        case .credentials(let host):
            "the URL of \(sanitized(host, limit: 100)) holds a user name, which would be logged"
        case .interface(let name): "`\(sanitized(name, limit: 100))` is no name of a network interface, such as eth0"
        case .otherFamily(let address, let wanted): "\(address) is no IP\(wanted.rawValue) address"
        }
    }

    private static let right = "`auto`, `off`, an address, `interface:NAME`, or https URLs separated by commas"
}
