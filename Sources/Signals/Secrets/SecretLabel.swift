import Model

/// `landfall.secret`: which files a service wants, and of which certificates.
struct SecretLabel: Hashable, Sendable {
    static let key = "landfall.secret"

    struct Wish: Hashable, Sendable {
        /// `/run/secrets/TARGET.crt` and `/run/secrets/TARGET.key`.
        let target: String
        /// Nil: that of the service's own hosts.
        let lineage: String?
    }

    let wishes: [Wish]

    /// Takes `TARGET` or `TARGET=CERTIFICATE`, several separated by commas. The error is a clause.
    init(_ text: String) throws(SecretLabelError) {
        var wishes: [Wish] = []
        for part in text.split(separator: ",").map(\.trimmed) where !part.isEmpty {
            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
            guard Self.isTarget(words[0]) else {
                throw SecretLabelError(reason: "it takes TARGET or TARGET=CERTIFICATE, where TARGET is a file's name")
            }
            if words.count == 2, let problem = LineageName.rejectionReason(of: words[1]) {
                throw SecretLabelError(reason: problem)
            }
            guard !wishes.contains(where: { $0.target == words[0] }) else {
                throw SecretLabelError(reason: "it names \(words[0]) twice")
            }
            wishes.append(Wish(target: words[0], lineage: words.count == 2 ? words[1] : nil))
        }
        guard !wishes.isEmpty else { throw SecretLabelError(reason: "it names no file") }
        self.wishes = wishes
    }

    private static func isTarget(_ text: String) -> Bool {
        (1...60).contains(text.utf8.count) && text.first != "."
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}

struct SecretLabelError: Error, Hashable {
    let reason: String
}
