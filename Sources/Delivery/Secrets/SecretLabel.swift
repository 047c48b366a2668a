import Model

/// The label `landfall.secret`: the files that a service requests, and their certificates.
struct SecretLabel: Hashable, Sendable {
    static let key = "landfall.secret"

    struct File: Hashable, Sendable {
        /// `/run/secrets/TARGET.crt` and `/run/secrets/TARGET.key`.
        let target: String
        /// The certificate; nil: that of the service's own hosts.
        let lineage: String?
    }

    let files: [File]

    /// Accepts `TARGET` or `TARGET=CERTIFICATE`, several separated by commas.
    init(_ text: String) throws(SecretRejection) {
        if let reason = LabelLimits.reason(against: text) { throw SecretRejection(reason: reason) }
        var files: [File] = []
        for part in text.split(separator: ",").map(\.trimmed) where !part.isEmpty {
            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
            guard Self.isTarget(words[0]) else {
                throw SecretRejection(reason: "it takes TARGET or TARGET=CERTIFICATE, where TARGET is a file's name")
            }
            if words.count == 2, let reason = LineageName.rejectionReason(of: words[1]) {
                throw SecretRejection(reason: reason)
            }
            guard !files.contains(where: { $0.target == words[0] }) else {
                throw SecretRejection(reason: "it names \(words[0]) twice")
            }
            files.append(File(target: words[0], lineage: words.count == 2 ? words[1] : nil))
        }
        guard !files.isEmpty else { throw SecretRejection(reason: "it names no file") }
        self.files = files
    }

    private static func isTarget(_ text: String) -> Bool {
        (1...60).contains(text.utf8.count) && text.first != "."
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}

/// Why a secret is refused.
struct SecretRejection: Error, Hashable {
    /// A clause.
    let reason: String
}
