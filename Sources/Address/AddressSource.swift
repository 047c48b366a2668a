import FoundationEssentials
public import Model

/// `LANDFALL_IP`: where the public address comes from.
public enum AddressSource: Hashable, Sendable {
    /// The services that Landfall knows.
    case automatic
    case fixed(IPAddress)
    /// URLs of services that answer with the caller's address, asked in turn.
    case services([String])

    /// Parses `auto`, an address, or URLs separated by commas.
    public static func parse(_ text: String) throws(AddressSourceError) -> AddressSource {
        let parts = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        guard let first = parts.first else { throw .empty }
        if parts.count == 1 {
            if first == "auto" { return .automatic }
            if let address = IPAddress(first) { return .fixed(address) }
        }
        var urls: [String] = []
        for part in parts { urls.append(try checkedURL(String(part))) }
        return .services(urls)
    }

    /// https, for everybody on the way could answer otherwise; http only within this machine.
    private static func checkedURL(_ text: String) throws(AddressSourceError) -> String {
        guard text.unicodeScalars.allSatisfy({ ("!"..."~").contains($0) }), let url = URLComponents(string: text),
            let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme), let host = url.host,
            !host.isEmpty
        else { throw .unknown(text) }
        guard url.user == nil else { throw .credentials(host) }
        guard scheme == "https" || isLoopback(host) else { throw .notSecure(text) }
        return text
    }

    private static func isLoopback(_ host: String) -> Bool {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard let address = IPAddress(bare) else { return host == "localhost" }
        return address.family == .v4 ? address.bytes[0] == 127 : address == IPAddress("::1")
    }
}

/// Why a text is no source; the description is a clause that names what would be right.
public enum AddressSourceError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case unknown(String)
    case notSecure(String)
    /// Of which host; the credentials themselves are not repeated.
    case credentials(String)

    public var description: String {
        switch self {
        case .empty: "it names nothing; \(Self.right)"
        case .unknown(let text): "`\(oneLine(text, limit: 100))` is none of these: \(Self.right)"
        case .notSecure(let text): "`\(oneLine(text, limit: 100))` is not https, so anybody on the way could answer"
        case .credentials(let host): "the URL of \(oneLine(host, limit: 100)) holds a user name, which would be logged"
        }
    }

    private static let right = "`auto`, an address, or https URLs separated by commas"
}
