import Model

/// The arguments of certbot's that a user may add (`CERTBOT_ARGUMENTS`). Those are listed rather than the ones that are not:
/// certbot takes abbreviations, and whatever Landfall does not know may change where certificates lie or what runs.
public enum CertbotArguments {
    private static let flags: Set = [
        "--must-staple", "--reuse-key", "--no-reuse-key", "--new-key", "--strict-permissions", "--no-directory-hooks",
        "--no-verify-ssl", "--verbose", "-v", "-vv", "-vvv",
    ]
    private static let valued: Set = [
        "--preferred-chain", "--issuance-timeout", "--user-agent", "--user-agent-comment", "--max-log-backups",
    ]
    /// Of plugins' options, those that Landfall sets.
    private static let ownEndings = ["-credentials", "-propagation-seconds"]

    /// The words of a line as a shell would split it, with either quote and without anything else of a shell's.
    public static func parse(_ line: String) throws(CertbotArgumentsError) -> [String] {
        let words = try split(line)
        var rest = words[...]
        while let word = rest.popFirst() {
            let (name, value) = parted(word)
            if flags.contains(name), value == nil { continue }
            guard valued.contains(name) || isOfPlugin(name) else { throw .foreign(name) }
            if value != nil { continue }
            if let next = rest.first, !next.hasPrefix("-") {
                rest = rest.dropFirst()
            } else if valued.contains(name) {
                throw .noValue(name)
            }
        }
        return words
    }

    private static func isOfPlugin(_ name: String) -> Bool {
        name.hasPrefix("--dns-") && !ownEndings.contains(where: name.hasSuffix)
    }

    private static func parted(_ word: String) -> (name: String, value: String?) {
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

/// The description follows the variable's name.
public enum CertbotArgumentsError: Error, Hashable, Sendable, CustomStringConvertible {
    case foreign(String)
    case noValue(String)
    case openQuote

    public var description: String {
        switch self {
        case .foreign(let name):
            "does not take `\(sanitized(name, limit: 60))`: it is Landfall's own, or not known to be safe"
        case .noValue(let name): "has `\(name)` without a value"
        case .openQuote: "has a quote that is not closed"
        }
    }
}
