import Model

extension CloudflareRecord {
    /// What Cloudflare checks of a record by itself, on a Free zone; returns it as it will be kept.
    func checked() throws(APIError) -> CloudflareRecord {
        guard Self.types.contains(type) else { throw .validation(9001, "DNS record type is invalid.") }
        try checkName()
        try checkContent()
        guard !proxied || isProxiable else { throw .validation(9004, "This record type cannot be proxied.") }
        guard !proxied || !isPrivate else { throw .notProxiable(content) }
        guard ttl == 1 || (60...86_400).contains(ttl) else {
            throw .validation(9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
        }
        try checkComment()
        guard tags.isEmpty else {
            throw .validation(9302, "DNS record has \(tags.count) tags, exceeding the quota of 0.")
        }
        var record = self
        if proxied { record.ttl = 1 }
        return record
    }

    /// Whether the content is an address of a private network, or of this machine itself.
    private var isPrivate: Bool {
        guard let bytes = IPAddress(content)?.bytes else { return false }
        switch (bytes.count, bytes[0], bytes[1]) {
        case (4, 10, _), (4, 127, _), (4, 0, _), (4, 192, 168), (4, 169, 254), (4, 172, 16...31), (4, 100, 64...127):
            return true
        case (16, 0xFC...0xFD, _), (16, 0xFE, 0x80...0xBF): return true
        default: return bytes.count == 16 && bytes.dropLast().allSatisfy { $0 == 0 }
        }
    }

    private static let types: Set = ["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SRV", "TXT"]

    private func checkName() throws(APIError) {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let areValid = labels.enumerated().allSatisfy { index, label in
            (index == 0 && label == "*") || Self.isLabel(label)
        }
        guard areValid, name.utf8.count <= 253 else { throw .validation(9000, "DNS name is invalid.") }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count)
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private func checkContent() throws(APIError) {
        switch type {
        case "A":
            guard IPAddress(content)?.family == .v4 else {
                throw .validation(9005, "Content for A record must be a valid IPv4 address.")
            }
        case "AAAA":
            guard IPAddress(content)?.family == .v6 else {
                throw .validation(9006, "Content for AAAA record must be a valid IPv6 address.")
            }
        case "CNAME":
            guard (try? DomainName(content)) != nil else {
                throw .validation(9007, "Content for CNAME record is invalid.")
            }
            guard content.lowercased() != name else {
                throw .validation(9039, "CNAME content cannot reference itself.")
            }
        case "TXT":
            guard (1...4096).contains(content.utf8.count) else {
                throw .validation(9015, "Record content exceeds the allowed length of 4096 wire format bytes.")
            }
        default:
            guard !content.isEmpty else { throw .invalidBody }
        }
    }

    private func checkComment() throws(APIError) {
        guard let comment else { return }
        guard comment.count <= 100 else {
            throw .validation(9313, "DNS record comment exceeds the maximum length of 100 characters.")
        }
        guard !comment.contains(where: \.isNewline) else {
            throw .validation(9314, "DNS record comment contains invalid characters.")
        }
    }
}
