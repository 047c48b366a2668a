import Model

/// Everything that one secret may look like.
struct SecretForms {
    /// A piece of a web address that is as long is taken for the secret in it.
    private static let tellingLength = 16

    /// In text as it comes.
    let raw: Set<Pattern>
    /// The same inside a string of JSON.
    let escaped: Set<Pattern>

    init(_ secret: String, standIn: String) {
        let parts = Self.parts(of: secret, standIn: standIn).filter { $0.text.utf8.count >= Redactor.shortest }
        raw = Self.patterns(parts) { $0 }
        escaped = Self.patterns(parts, Self.escaped)
    }

    private static func patterns(_ parts: [Part], _ written: (String) -> String) -> Set<Pattern> {
        var patterns: Set<Pattern> = []
        for part in parts {
            for form in Set(encodings(of: part.text).flatMap(escapings)) {
                let bytes = Array(written(form).utf8)
                patterns.insert(Pattern(bytes, standIn: part.standIn, fragment: part.fragment))
            }
        }
        return patterns
    }

    private struct Part {
        let text: String
        let standIn: String
        var fragment = Redactor.shortest
    }

    /// How a web address begins everybody knows. What makes it a secret lies in its path or query.
    private static func parts(of secret: String, standIn: String) -> [Part] {
        guard let scheme = secret.firstRange(of: "://") else { return [Part(text: secret, standIn: standIn)] }
        let path = secret[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
        let known = secret.utf8.count - path.utf8.count
        let pieces = path.split { "/?&=".contains($0) }.filter { $0.utf8.count >= tellingLength }
        return [
            Part(text: secret, standIn: standIn, fragment: known + Redactor.shortest),
            Part(text: String(path), standIn: "/redacted", fragment: path.utf8.count),
        ] + pieces.map { Part(text: String($0), standIn: "redacted") }
    }

    /// As it is, percent-encoded (RFC 3986 §2.1), and as chats and web pages take text.
    private static func encodings(of text: String) -> Set<String> {
        let html = replaced(text, ["&": "&amp;", "<": "&lt;", ">": "&gt;"])
        return [text, percentEncoded(text, uppercase: true), percentEncoded(text, uppercase: false), html]
    }

    /// As it is, and as JSON has it, with what some encoders escape besides what must be.
    private static func escapings(of text: String) -> Set<String> {
        let escaped = escaped(text)
        let pages: [Character: String] = ["&": #"\u0026"#, "<": #"\u003c"#, ">": #"\u003e"#]
        return [text, escaped, replaced(escaped, ["/": #"\/"#]), replaced(escaped, pages)]
    }

    /// As our own encoder writes it (RFC 8259 §7).
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"": result += #"\""#
            case "\\": result += #"\\"#
            case "\n": result += #"\n"#
            case "\r": result += #"\r"#
            case "\t": result += #"\t"#
            case "\u{8}": result += #"\b"#
            case "\u{C}": result += #"\f"#
            case ..<" ": result += #"\u00"# + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func replaced(_ text: String, _ replacements: [Character: String]) -> String {
        text.reduce(into: "") { $0 += replacements[$1] ?? String($1) }
    }
}
