import Model

/// Regular expressions of the language Go (https://pkg.go.dev/regexp/syntax). None is carried out: it only matters whether Go takes it.
struct GoExpression {
    private let bytes: [Unicode.Scalar]
    private var place = 0
    private var names: Set<String> = []

    /// How deep groups may be nested, and scalars of a class or a repetition.
    private static let (deepest, longestName) = (200, 16)

    /// Why Go does not take a text for a regular expression; nil if it does.
    static func reason(against text: String) -> String? {
        guard text.utf8.count <= RuleParser.longest else {
            return "a regular expression is longer than \(RuleParser.longest) bytes"
        }
        var reader = GoExpression(bytes: Array(text.unicodeScalars))
        do throws(RuleError) {
            try reader.sequence(depth: 0)
            return reader.next == nil ? nil : "a regular expression has a `)` too many"
        } catch {
            return error.reason
        }
    }

    private init(bytes: [Unicode.Scalar]) { self.bytes = bytes }

    private var next: Unicode.Scalar? { place < bytes.count ? bytes[place] : nil }

    private func looks(_ text: String) -> Bool { bytes[place...].starts(with: text.unicodeScalars) }

    private mutating func take(_ text: String) -> Bool {
        guard looks(text) else { return false }
        place += text.unicodeScalars.count
        return true
    }

    /// What stands between parentheses, or in the whole.
    private mutating func sequence(depth: Int) throws(RuleError) {
        guard depth < Self.deepest else { throw RuleError("a regular expression is nested too deep") }
        var (canRepeat, isRepeated) = (false, false)
        while let first = next, first != ")" {
            if let repeats = try repetition() {
                guard canRepeat, !isRepeated else { throw RuleError("a regular expression repeats nothing") }
                isRepeated = repeats
                continue
            }
            place += 1
            (canRepeat, isRepeated) = (first != "|", false)
            switch first {
            case "(": canRepeat = try group(depth)
            case "[": try characters()
            case "\\": try escape(inside: false)
            default: break
            }
        }
    }

    /// `*`, `+?`, `{2,3}`; nil if there is none. `{` that is none stands for itself.
    private mutating func repetition() throws(RuleError) -> Bool? {
        if !take("*"), !take("+"), !take("?") {
            guard next == "{" else { return nil }
            let rest = bytes[(place + 1)...].prefix(Self.longestName).prefix { $0 != "}" }
            let parts = String(String.UnicodeScalarView(rest)).parts(at: ",")
            let numbers = parts.map { Int($0) }
            guard place + 1 + rest.count < bytes.count, bytes[place + 1 + rest.count] == "}", parts.count <= 2,
                let least = numbers[0], parts[0].first?.isNumber == true,
                parts.count == 1 || parts[1].isEmpty || numbers[1] != nil
            else { return nil }
            place += rest.count + 2
            let most = parts.count == 2 ? numbers[1] ?? least : least
            guard least <= most, most <= 1000 else { throw RuleError("a regular expression repeats too often") }
        }
        _ = take("?")
        return true
    }

    /// True if it is one that can be repeated.
    private mutating func group(_ depth: Int) throws(RuleError) -> Bool {
        if take("?") {
            if take("P<") || take("<") {
                let name = bytes[place...].prefix { $0 != ">" }
                let text = String(String.UnicodeScalarView(name))
                let isWord = name.allSatisfy {
                    $0 == "_" || $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                }
                place += name.count
                guard isWord, !name.isEmpty, take(">"), names.insert(text).inserted else {
                    throw RuleError("a regular expression has a group with a wrong name")
                }
            } else {
                let flags = bytes[place...].prefix { "imsU-".unicodeScalars.contains($0) }
                place += flags.count
                let signs = flags.count { $0 == "-" }
                guard signs < 2, flags.last != "-" else { throw RuleError("a regular expression has wrong flags") }
                if !flags.isEmpty, take(")") { return false }
                guard take(":") else {
                    throw RuleError("Go's regular expressions know no `(?\(next.map { String($0) } ?? "")`")
                }
            }
        }
        try sequence(depth: depth + 1)
        guard take(")") else { throw RuleError("a regular expression lacks a `)`") }
        return true
    }

    private mutating func characters() throws(RuleError) {
        _ = take("^")
        var isFirst = true
        while let first = next, first != "]" || isFirst {
            isFirst = false
            if looks("[:"), let end = bytes[place...].dropFirst(2).prefix(Self.longestName).firstIndex(of: ":"),
                end + 1 < bytes.count, bytes[end + 1] == "]"
            {
                let name = String(String.UnicodeScalarView(bytes[(place + 2)..<end]))
                let bare = name.begins(with: "^") ? name.without(first: 1) : name
                guard Self.classes.contains(bare) else { throw RuleError("a regular expression has an unknown class") }
                place = end + 2
                continue
            }
            let low = try character()
            guard next == "-", place + 1 < bytes.count, bytes[place + 1] != "]" else { continue }
            place += 1
            let high = try character()
            guard let low, let high, low <= high else { throw RuleError("a regular expression has a wrong range") }
        }
        guard take("]") else { throw RuleError("a regular expression lacks a `]`") }
    }

    private static let classes: Set = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
        "word", "xdigit",
    ]

    /// One character in brackets; nil for a class.
    private mutating func character() throws(RuleError) -> Unicode.Scalar? {
        guard let first = next else { throw RuleError("a regular expression lacks a `]`") }
        place += 1
        guard first == "\\" else { return first }
        let escaped = next
        try escape(inside: true)
        return escaped.flatMap { "dswDSWpP".unicodeScalars.contains($0) ? nil : $0 }
    }

    private mutating func escape(inside: Bool) throws(RuleError) {
        guard let next else { throw RuleError("a regular expression ends with a backslash") }
        place += 1
        let wrong = RuleError("a regular expression has an unknown escape")
        switch next {
        case "p", "P":
            guard let name = self.next else { throw wrong }
            place += 1
            guard name == "{" else {
                guard "CLMNPSZ".unicodeScalars.contains(name) else { throw wrong }
                return
            }
            guard let end = bytes[place...].firstIndex(of: "}"), end > place else { throw wrong }
            place = end + 1
        case "x":
            guard take("{") else {
                guard bytes[place...].prefix(2).count(where: { $0.properties.isASCIIHexDigit }) == 2 else {
                    throw wrong
                }
                place += 2
                return
            }
            let digits = bytes[place...].prefix { $0.properties.isASCIIHexDigit }
            place += digits.count
            guard (1...6).contains(digits.count), take("}") else { throw wrong }
        case "Q":
            guard !inside else { throw wrong }
            while place < bytes.count, !take("\\E") { place += 1 }
        case "E" where !inside, "A" where !inside, "z" where !inside, "b" where !inside, "B" where !inside,
            "C" where !inside:
            break
        case "1"..."7", "0":
            // Octal: `\0`, or more digits than one.
            guard next == "0" || self.next.map({ ("0"..."7").contains($0) }) == true else { throw wrong }
        case "a", "f", "n", "r", "t", "v", "d", "s", "w", "D", "S", "W": break
        default:
            // A mark stands for itself.
            guard next.isASCII, !next.properties.isAlphabetic, next.properties.numericType == nil else { throw wrong }
        }
    }
}
