import Model

/// All forms in which one secret can appear.
struct SecretForms {
    /// A part of a URL counts as its secret from this length on.
    private static let secretLength = 16

    /// In plain text.
    let raw: Set<Pattern>
    /// Inside a string of JSON.
    let escaped: Set<Pattern>

    init(_ secret: String, replacement: String, isWhole: Bool = false) {
        let whole = [Part(text: secret, replacement: replacement, fragment: .max)]
        let parts = (isWhole ? whole : Self.parts(of: secret, replacement: replacement))
            .filter { $0.text.utf8.count >= Redactor.shortest }
        raw = Self.patterns(parts) { $0 }
        escaped = Self.patterns(parts, Self.escaped)
    }

    private static func patterns(_ parts: [Part], _ written: (String) -> String) -> Set<Pattern> {
        var patterns: Set<Pattern> = []
        for part in parts {
            for form in Set(encodings(of: part.text).flatMap(escapings)) {
                let bytes = Array(written(form).utf8)
                patterns.insert(Pattern(bytes, replacement: part.replacement, fragment: part.fragment))
            }
        }
        return patterns
    }

    private struct Part {
        let text: String
        let replacement: String
        var fragment = Redactor.shortest
    }

    /// The host of a URL is no secret. What makes it one is in its path or query.
    private static func parts(of secret: String, replacement: String) -> [Part] {
        guard let scheme = secret.firstRange(of: "://") else { return [Part(text: secret, replacement: replacement)] }
        let path = secret[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
        let known = secret.utf8.count - path.utf8.count
        let pieces = path.split { "/?&=".contains($0) }.filter { $0.utf8.count >= secretLength }
        return [
            Part(text: secret, replacement: replacement, fragment: known + Redactor.shortest),
            Part(text: String(path), replacement: "/redacted", fragment: path.utf8.count),
        ] + pieces.map { Part(text: String($0), replacement: "redacted") }
    }

    /// Plain, percent-encoded (RFC 3986 §2.1), and escaped for HTML.
    private static func encodings(of text: String) -> Set<String> {
        let html = replaced(text, ["&": "&amp;", "<": "&lt;", ">": "&gt;"])
        return [text, percentEncoded(text, uppercase: true), percentEncoded(text, uppercase: false), html]
    }

    /// Plain, and escaped for JSON, also with what only some encoders escape.
    private static func escapings(of text: String) -> Set<String> {
        let escaped = escaped(text)
        let pages: [Character: String] = ["&": #"\u0026"#, "<": #"\u003c"#, ">": #"\u003e"#]
        return [text, escaped, replaced(escaped, ["/": #"\/"#]), replaced(escaped, pages)]
    }

    /// Escaped as our own encoder does (RFC 8259 §7).
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
