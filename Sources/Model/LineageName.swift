/// The name of a certificate under certbot's `live/`: a plain path component that no program could take for an option.
package enum LineageName {
    /// Leaves room for certbot's suffixes in a file name of 255 bytes.
    private static let limit = 200

    /// Why `text` is not such a name, as a clause; nil when it is.
    package static func rejectionReason(of text: String) -> String? {
        guard !text.isEmpty, isPlainWord(text) else {
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
}

/// Whether `text` has ASCII letters, digits, dots, hyphens and underscores only.
package func isPlainWord(_ text: String) -> Bool {
    text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
}
