import Glibc

/// An IPv4 or IPv6 address in its canonical text form.
public struct IPAddress: Hashable, Sendable {
    public enum Family: String, Sendable, Codable { case v4, v6 }

    public let family: Family
    /// Network byte order: 4 or 16 bytes.
    public let bytes: [UInt8]

    /// Parses dotted decimal or RFC 4291 text; nil for anything else, zone identifiers and leading zeros included.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        if let bytes = Self.parse(text, AF_INET, count: 4) {
            (family, self.bytes) = (.v4, bytes)
        } else if let bytes = Self.parse(text, AF_INET6, count: 16) {
            (family, self.bytes) = (.v6, bytes)
        } else {
            return nil
        }
    }

    private static func parse(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress) }
        return result == 1 ? bytes : nil
    }
}

extension IPAddress: CustomStringConvertible, Codable {
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = family == .v4 ? AF_INET : AF_INET6
        _ = unsafe bytes.withUnsafeBytes { source in
            unsafe text.withUnsafeMutableBufferPointer { target in
                unsafe inet_ntop(family, source.baseAddress, target.baseAddress, socklen_t(INET6_ADDRSTRLEN))
            }
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = IPAddress(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no address"))
        }
        self = address
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension IPAddress {
    /// Whether the public Internet routes to this address and it is not Cloudflare's own edge, i.e. whether it can be *ours*.
    ///
    /// Sources: the IANA special-purpose registries (RFC 6890 and successors) and https://www.cloudflare.com/ips/.
    public var isPublic: Bool {
        let ranges = family == .v4 ? Self.notOursV4 : Self.notOursV6
        return !ranges.contains { $0.contains(self) } && (family == .v4 || Self.globalUnicastV6.contains(self))
    }

    private static let notOursV4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18",
        "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13",
        "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22",
    ].compactMap(IPRange.init)

    private static let globalUnicastV6 = IPRange("2000::/3") ?? IPRange(network: [], prefix: 0)

    private static let notOursV6 = [
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        "2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29",
        "2c0f:f248::/32",
    ].compactMap(IPRange.init)
}

/// A CIDR block.
struct IPRange: Sendable {
    let network: [UInt8]
    let prefix: Int

    init(network: [UInt8], prefix: Int) {
        (self.network, self.prefix) = (network, prefix)
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let address = IPAddress(parts[0]), let prefix = Int(parts[1]) else { return nil }
        self.init(network: address.bytes, prefix: prefix)
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == network.count else { return false }
        for index in 0..<network.count {
            let bits = min(max(prefix - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            if address.bytes[index] & mask != network[index] & mask { return false }
        }
        return true
    }
}
