import Model

/// The arguments that a user may add to certbot's (`CERTBOT_ARGUMENTS`). This is a list of what is allowed, because certbot
/// takes abbreviations, and an argument that Landfall does not know may change where certificates are stored or what runs.
package enum CertbotArguments {
    private static let flags: Set = [
        "--must-staple", "--reuse-key", "--no-reuse-key", "--new-key", "--strict-permissions", "--no-directory-hooks",
        "--no-verify-ssl", "--verbose", "-v", "-vv", "-vvv",
    ]
    private static let valued: Set = [
        "--preferred-chain", "--issuance-timeout", "--user-agent", "--user-agent-comment", "--max-log-backups",
    ]
    /// The endings of those plugin options that Landfall sets itself.
    private static let ownEndings = ["-credentials", "-propagation-seconds"]

    /// Splits a line into words as a shell would, with both kinds of quotes and no other shell syntax, and checks them.
    package static func parse(_ line: String) throws(CertbotArgumentsError) -> [String] {
        let words = try split(line)
        var rest = words[...]
        while let word = rest.popFirst() {
            let (name, value) = nameAndValue(word)
            if flags.contains(name), value == nil { continue }
            let isPluginOption = name.hasPrefix("--dns-") && !ownEndings.contains(where: name.hasSuffix)
            guard valued.contains(name) || isPluginOption else { throw .foreign(name) }
            if value != nil { continue }
            if let next = rest.first, !next.hasPrefix("-") {
                rest = rest.dropFirst()
            } else if valued.contains(name) {
                throw .noValue(name)
            }
        }
        return words
    }

    private static func nameAndValue(_ word: String) -> (name: String, value: String?) {
        guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }

    private static func split(_ line: String) throws(CertbotArgumentsError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character.isWhitespace {
                if let whole = word { words.append(whole) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw .openQuote }
        return words + (word.map { [$0] } ?? [])
    }
}

/// Why arguments are rejected. The description is a clause that follows the variable's name.
package enum CertbotArgumentsError: Error, Hashable, Sendable, CustomStringConvertible {
    case foreign(String)
    case noValue(String)
    case openQuote

    package var description: String {
        switch self {
        // What is no option may be a secret.
        case .foreign(let name) where name.hasPrefix("-"):
            "does not allow `\(sanitized(name, limit: 60))`: Landfall sets it itself, or it is not known to be safe"
        case .foreign: "holds a word that is neither an option nor the value of one"
        case .noValue(let name): "has `\(name)` without a value"
        case .openQuote: "has a quote that is not closed"
        }
    }
}
