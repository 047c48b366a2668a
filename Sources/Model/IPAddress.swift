import Glibc

/// An IPv4 or IPv6 address in its canonical text form.
package struct IPAddress: Hashable, Sendable {
    package enum Family: String, Sendable, Codable { case v4, v6 }

    package let family: Family
    /// Network byte order: 4 or 16 bytes.
    package let bytes: [UInt8]

    /// Parses dotted decimal or RFC 4291 text; nil for anything else, zone identifiers and leading zeros included.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        if let bytes = Self.parse(text, AF_INET, count: 4) {
            (family, self.bytes) = (.v4, bytes)
        } else if let bytes = Self.parse(text, AF_INET6, count: 16) {
            (family, self.bytes) = (.v6, bytes)
        } else {
            return nil
        }
    }

    /// Network byte order; nil unless there are 4 or 16.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: family = .v4
        case 16: family = .v6
        default: return nil
        }
        self.bytes = bytes
    }

    private static func parse(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress) }
        return result == 1 ? bytes : nil
    }
}

extension IPAddress: CustomStringConvertible, Codable {
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = family == .v4 ? AF_INET : AF_INET6
        _ = unsafe bytes.withUnsafeBytes { source in
            unsafe text.withUnsafeMutableBufferPointer { target in
                unsafe inet_ntop(family, source.baseAddress, target.baseAddress, socklen_t(INET6_ADDRSTRLEN))
            }
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let address = IPAddress(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no address"))
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
