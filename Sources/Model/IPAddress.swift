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
        self.init(bytes: Self.parse(text, AF_INET, count: 4) ?? Self.parse(text, AF_INET6, count: 16) ?? [])
    }

    /// Network byte order; nil unless there are 4 or 16.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        (family, self.bytes) = (bytes.count == 4 ? .v4 : .v6, bytes)
    }

    private static func parse(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress) }
        return result == 1 ? bytes : nil
    }
}

extension IPAddress: CustomStringConvertible, RawRepresentable, Codable {
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

    package var rawValue: String { description }

    package init?(rawValue: String) { self.init(rawValue) }
}
