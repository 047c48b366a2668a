extension IPAddress {
    /// Whether this can be the public address of a host of ours: the Internet routes to it, and it is not Cloudflare's edge.
    package var isPublic: Bool { notOursReason == nil }

    /// Why this cannot be the public address of a host of ours, as a clause; nil when it can.
    package var notOursReason: String? {
        if isWithin(Self.special) || family == .v6 && !isWithin(Self.globalUnicast) { return "is not a public address" }
        return isWithin(Self.cloudflare) ? "is Cloudflare's own" : nil
    }

    /// Why other machines of the same network cannot reach it, as a clause; nil when they can.
    package var notInsideReason: String? {
        isWithin(Self.unreachable) ? "is no address that other machines can use" : nil
    }

    /// Whether no host has it: it is in no network, but may stand for one (RFC 5737, RFC 3849, RFC 6666).
    package var isForDocumentation: Bool { isWithin(Self.documentation) }

    private func isWithin(_ ranges: [IPRange]) -> Bool { ranges.contains { $0.contains(self) } }

    /// Unspecified, private, CGNAT, loopback, link-local, documentation, benchmarking, multicast, reserved, and the anycast
    /// of AS112, AMT and 6to4: the IANA special-purpose registries (RFC 6890 and successors,
    /// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry) and RFC 5771.
    private static let special = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        // Protocol assignments (Teredo, ORCHID, benchmarking), documentation, 6to4, AS112.
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    ].compactMap(IPRange.init)

    private static let documentation = [
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20", "100::/64",
    ].compactMap(IPRange.init)

    /// Unspecified, loopback, link-local, multicast and reserved.
    private static let unreachable = [
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
        "::/127", "::ffff:0:0/96", "fe80::/10", "ff00::/8",
    ].compactMap(IPRange.init)

    /// All public IPv6: https://www.iana.org/assignments/ipv6-address-space. Mapped, local and multicast addresses lie outside.
    private static let globalUnicast = ["2000::/3"].compactMap(IPRange.init)

    /// https://www.cloudflare.com/ips/. What comes from there is a proxy between us and the service.
    private static let cloudflare = [
        "173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18",
        "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13",
        "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22",
        "2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29",
        "2c0f:f248::/32",
    ].compactMap(IPRange.init)
}

/// A CIDR block.
struct IPRange: Sendable {
    let network: [UInt8]
    let prefix: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let address = IPAddress(parts[0]), let prefix = Int(parts[1]) else { return nil }
        (network, self.prefix) = (address.bytes, prefix)
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
