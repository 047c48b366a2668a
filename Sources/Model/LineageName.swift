/// The name of a certificate under certbot's `live/`: a plain path component that no program could take for an option.
package enum LineageName {
    /// Leaves room for certbot's suffixes in a file name of 255 bytes.
    private static let limit = 200

    /// Why `text` is not such a name, as a clause; nil when it is.
    package static func rejectionReason(of text: String) -> String? {
        guard !text.isEmpty, text.utf8.allSatisfy({ isAlphanumeric($0) || "._-".utf8.contains($0) }) else {
            return "a certificate's name has letters, digits, `.`, `_` and `-` only"
        }
        // `_` begins the names of Landfall's own folders beside theirs.
        if text.hasPrefix(".") || text.hasPrefix("-") || text.hasPrefix("_") {
            return "a certificate's name begins with a letter or a digit"
        }
        if text.utf8.count > limit { return "a certificate's name has at most \(limit) characters" }
        // certbot keeps a file of this name in `live/`.
        return text == "README" ? "certbot uses this name itself" : nil
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
