import Model

// What no value of a variable can look like, whatever the variable takes: the usual accidents with secrets, files and
// templates. A value is never quoted here, because it may be a secret in the wrong place.
extension Variable {
    /// Why a value as it was found cannot be meant; a clause that follows the place where it was found. Nil if it can.
    func problem(with text: String) -> String? {
        let text = text.trimmed
        guard !text.isEmpty else { return "is empty; give it a value, or leave it out" }
        return characterProblem(in: text) ?? wrappingProblem(in: text) ?? whiteSpaceProblem(in: text)
    }

    /// The problems with the values in a file of `name = value` lines.
    static func problems(with values: [String: String], in path: String) -> [String] {
        all.compactMap { variable in
            values[variable.name].flatMap(variable.problem).map { "\(variable.name) in \(path) \($0)" }
        }
    }

    /// Checks a path in `NAME_FILE`.
    var file: Variable { Variable(name: "\(name)_FILE", takes: "the path of a file", traits: [.path]) }

    private func characterProblem(in text: String) -> String? {
        for scalar in text.unicodeScalars {
            if hasLines, "\n\r\t".unicodeScalars.contains(scalar) { continue }
            switch (scalar, scalar.properties.generalCategory) {
            case ("\u{FEFF}", _): return "holds a byte order mark (BOM); save it as UTF-8 without one"
            case ("\u{FFFD}", _): return "is not valid UTF-8 text"
            case ("\n"..."\r", _), ("\u{85}", _), (_, .lineSeparator), (_, .paragraphSeparator):
                return "holds a line break; it takes \(takes), on one line"
            case (_, .control): return "holds a control character; it takes \(takes)"
            case (_, .format) where !isFreeText: return "holds an invisible character; it takes \(takes)"
            default: break
            }
        }
        return nil
    }

    /// Something around the value, or in its place.
    private func wrappingProblem(in text: String) -> String? {
        if isQuoted(text) { return "is in quotation marks; give the value without them" }
        if !traits.contains(.shell), Self.isPlaceholder(text) {
            return "holds a placeholder such as ${NAME}, which nothing replaced by its value"
        }
        if text.hasPrefix("\(name)=") { return "repeats the variable's name; give only what follows the `=`" }
        if !isFreeText, let scheme = Self.scheme(of: text) {
            return "begins with `\(scheme)`; give only what follows it"
        }
        if isPath(text) {
            return "is a path in place of its value; \(name)_FILE takes the path of a file that holds \(takes)"
        }
        return nil
    }

    private func whiteSpaceProblem(in text: String) -> String? {
        guard isSecret, !isFreeText, text.unicodeScalars.contains(where: \.properties.isWhitespace) else { return nil }
        return "holds white space; it takes \(takes)"
    }

    private var hasLines: Bool { traits.contains(.lines) }
    private var isFreeText: Bool { hasLines || traits.contains(.words) || traits.contains(.shell) }

    private static let quotes: [Character: Character] = [
        "\"": "\"", "'": "'", "`": "`", "“": "”", "„": "“", "‘": "’", "«": "»",
    ]

    /// Words may begin and end with quotation marks of their own.
    private func isQuoted(_ text: String) -> Bool {
        guard let first = text.first, let end = Self.quotes[first], text.last == end else { return false }
        return !isFreeText || !text.dropFirst().dropLast().contains(end)
    }

    /// `${…}` or `{{…}}` anywhere, or nothing but `$NAME`.
    private static func isPlaceholder(_ text: String) -> Bool {
        let bytes = text.utf8
        let isTemplate = [("${", "}"), ("{{", "}}")].contains { start, end in
            bytes.firstRange(of: start.utf8).map { bytes[$0.upperBound...].firstRange(of: end.utf8) != nil } ?? false
        }
        let name = bytes.dropFirst()
        let isName = name.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
        return isTemplate || (bytes.first == UInt8(ascii: "$") && !name.isEmpty && isName)
    }

    /// The name of an authentication scheme, or of the header, that was copied together with the value.
    private static func scheme(of text: String) -> String? {
        ["Bearer", "Basic", "Authorization:"].first { scheme in
            text.prefix { !$0.isWhitespace }.lowercased() == scheme.lowercased()
        }
    }

    private func isPath(_ text: String) -> Bool {
        guard !hasLines, !traits.contains(.path), !traits.contains(.shell) else { return false }
        if ["~/", "./", "../", "file:"].contains(where: text.hasPrefix) { return true }
        guard text.hasPrefix("/") else { return false }
        return !traits.contains(.random) || Self.folders.contains { text.hasPrefix("/\($0)/") }
    }

    private static let folders = [
        "run", "var", "etc", "home", "root", "tmp", "mnt", "srv", "opt", "usr", "data", "config", "secrets",
    ]
}
