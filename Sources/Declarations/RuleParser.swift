import Model

/// A rule: matchers, combined. Negations stand at the matchers.
enum RuleTree: Hashable {
    case matcher(Matcher)
    case all([RuleTree])
    case any([RuleTree])

    struct Matcher: Hashable {
        /// What it is, once that is known; until then as it is spelled.
        var name: String
        let spelling: String
        let values: [String]
        var isNegated = false
        /// The names of hosts that it compares with, once they are known.
        var hosts: [String] = []

        init(spelling: String, values: [String]) {
            (name, self.spelling, self.values) = (spelling, spelling, values)
        }

        /// As it stands in a rule: ``Host(`app.example.test`)``.
        var text: String {
            "\(isNegated ? "!" : "")\(spelling)(\(values.map { "`\($0)`" }.joined(separator: ", ")))"
        }
    }

    var negated: RuleTree {
        switch self {
        case .matcher(var matcher):
            matcher.isNegated.toggle()
            return .matcher(matcher)
        case .all(let parts): return .any(parts.map(\.negated))
        case .any(let parts): return .all(parts.map(\.negated))
        }
    }

    func forEach(_ body: (Matcher) -> Void) {
        switch self {
        case .matcher(let matcher): body(matcher)
        case .all(let parts), .any(let parts): for part in parts { part.forEach(body) }
        }
    }
}

/// Why a rule cannot be read: a clause.
struct RuleError: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Reads rules as Traefik does: a rule is an expression of the language Go, of calls with texts, `!`, `&&`, `||` and parentheses
/// (https://go.dev/ref/spec#Expressions, #Semicolons, #String_literals).
struct RuleParser {
    /// Bytes of a rule, values in it, and how deep parentheses may be nested.
    static let (longest, mostValues, deepest) = (16 << 10, 500, 100)

    private var lexer: RuleLexer
    private var token: RuleLexer.Token
    private var depth = 0
    private var values = 0

    private init(_ text: String) throws(RuleError) {
        guard text.utf8.count <= Self.longest else { throw RuleError("it is longer than \(Self.longest) bytes") }
        lexer = RuleLexer(text)
        token = try lexer.next()
    }

    static func parse(_ text: String) throws(RuleError) -> RuleTree {
        var parser = try RuleParser(text)
        let tree = try parser.alternatives()
        if parser.token == .newline { try parser.advance() }
        guard parser.token == .end else { throw parser.unexpected("`&&`, `||` or the end") }
        return tree
    }

    private mutating func advance() throws(RuleError) { token = try lexer.next() }

    private mutating func alternatives() throws(RuleError) -> RuleTree {
        let first = try conjunction()
        guard token == .or else { return first }
        var parts = [first]
        while token == .or {
            try advance()
            parts.append(try conjunction())
        }
        return .any(parts)
    }

    private mutating func conjunction() throws(RuleError) -> RuleTree {
        let first = try operand()
        guard token == .and else { return first }
        var parts = [first]
        while token == .and {
            try advance()
            parts.append(try operand())
        }
        return .all(parts)
    }

    private mutating func operand() throws(RuleError) -> RuleTree {
        var isNegated = false
        while token == .not {
            isNegated.toggle()
            try advance()
        }
        let tree = try primary()
        return isNegated ? tree.negated : tree
    }

    private mutating func primary() throws(RuleError) -> RuleTree {
        switch token {
        case .open:
            depth += 1
            guard depth <= Self.deepest else { throw RuleError("its parentheses are nested too deep") }
            try advance()
            let tree = try alternatives()
            guard token == .close else { throw unexpected("`)`") }
            depth -= 1
            try advance()
            return tree
        case .name(let name):
            try advance()
            guard token == .open else { throw unexpected("`(` after \(name)") }
            try advance()
            return .matcher(RuleTree.Matcher(spelling: name, values: try arguments()))
        default: throw unexpected("a matcher")
        }
    }

    private mutating func arguments() throws(RuleError) -> [String] {
        var values: [String] = []
        while token != .close {
            guard case .text(let value) = token else { throw unexpected("a text in backticks or double quotes") }
            values.append(value)
            self.values += 1
            guard self.values <= Self.mostValues else { throw RuleError("it has more than \(Self.mostValues) values") }
            try advance()
            if token == .close { break }
            guard token == .comma else { throw unexpected("`,` or `)`") }
            try advance()
        }
        try advance()
        return values
    }

    private func unexpected(_ wanted: String) -> RuleError {
        RuleError("\(wanted) is missing before \(token.description) at character \(lexer.start + 1)")
    }
}

/// Splits a rule into tokens. A line that ends after a name, a text or `)` ends the rule, as in Go.
struct RuleLexer {
    enum Token: Hashable {
        case name(String), text(String)
        case open, close, comma, and, or, not, newline, end

        var description: String {
            switch self {
            case .name(let name): "`\(name)`"
            case .text: "a text"
            case .open: "`(`"
            case .close: "`)`"
            case .comma: "`,`"
            case .and: "`&&`"
            case .or: "`||`"
            case .not: "`!`"
            case .newline: "the end of the line"
            case .end: "the end"
            }
        }
    }

    private let bytes: [UInt8]
    /// The bytes that are read.
    private(set) var place = 0
    private var endsLine = false
    /// Where the last token begins.
    private(set) var start = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// - Parameter place: where it begins to read.
    init(_ bytes: [UInt8], at place: Int) { (self.bytes, self.place) = (bytes, place) }

    private func byte(_ offset: Int = 0) -> UInt8? { place + offset < bytes.count ? bytes[place + offset] : nil }

    mutating func next() throws(RuleError) -> Token {
        if try skipSpace() { return .newline }
        start = place
        guard let first = byte() else {
            guard endsLine else { return .end }
            endsLine = false
            return .newline
        }
        let token = try token(first)
        switch token {
        case .name, .text, .close: endsLine = true
        default: endsLine = false
        }
        return token
    }

    /// Skips space and comments; true where a line ends that ends the rule.
    private mutating func skipSpace() throws(RuleError) -> Bool {
        while let first = byte() {
            switch (first, byte(1)) {
            case (UInt8(ascii: "\n"), _):
                place += 1
                if endsLine {
                    endsLine = false
                    return true
                }
            case (UInt8(ascii: " "), _), (UInt8(ascii: "\t"), _), (UInt8(ascii: "\r"), _): place += 1
            case (UInt8(ascii: "/"), UInt8(ascii: "/")):
                while let next = byte(), next != UInt8(ascii: "\n") { place += 1 }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                if try skipComment(), endsLine {
                    endsLine = false
                    return true
                }
            default: return false
            }
        }
        return false
    }

    /// True if the comment holds a line's end.
    private mutating func skipComment() throws(RuleError) -> Bool {
        place += 2
        var hasLine = false
        while let next = byte() {
            if next == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                place += 2
                return hasLine
            }
            if next == UInt8(ascii: "\n") { hasLine = true }
            place += 1
        }
        throw RuleError("a comment does not end")
    }

    private mutating func token(_ first: UInt8) throws(RuleError) -> Token {
        switch first {
        case UInt8(ascii: "("): return single(.open)
        case UInt8(ascii: ")"): return single(.close)
        case UInt8(ascii: ","): return single(.comma)
        case UInt8(ascii: "!"): return single(.not)
        case UInt8(ascii: "&"), UInt8(ascii: "|"):
            guard byte(1) == first else {
                throw RuleError("one `\(Character(Unicode.Scalar(first)))` where two belong, at character \(place + 1)")
            }
            place += 2
            return first == UInt8(ascii: "&") ? .and : .or
        case UInt8(ascii: "`"): return .text(try rawText())
        case UInt8(ascii: "\""): return .text(try quotedText())
        default: return try name()
        }
    }

    private mutating func single(_ token: Token) -> Token {
        place += 1
        return token
    }

    private mutating func name() throws(RuleError) -> Token {
        let begin = place
        while let next = byte(), isNameByte(next) { place += 1 }
        guard place > begin, !(0x30...0x39).contains(bytes[begin]) else {
            // The whole scalar, however many bytes it has.
            let wrong = String(decoding: bytes[begin..<min(begin + 4, bytes.count)], as: UTF8.self).unicodeScalars.first
            throw RuleError("`\(wrong.map { String($0) } ?? "?")` is not allowed at character \(begin + 1)")
        }
        return .name(String(decoding: bytes[begin..<place], as: UTF8.self))
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }

    private mutating func rawText() throws(RuleError) -> String {
        place += 1
        let begin = place
        while let next = byte(), next != UInt8(ascii: "`") { place += 1 }
        guard byte() != nil else { throw RuleError("a backtick is missing") }
        defer { place += 1 }
        let text = bytes[begin..<place]
        let hasReturn = text.contains(UInt8(ascii: "\r"))
        return String(decoding: hasReturn ? text.filter { $0 != UInt8(ascii: "\r") }[...] : text, as: UTF8.self)
    }

    private mutating func quotedText() throws(RuleError) -> String {
        place += 1
        var value: [UInt8] = []
        while let next = byte(), next != UInt8(ascii: "\"") {
            guard next != UInt8(ascii: "\n") else { break }
            place += 1
            if next == UInt8(ascii: "\\") {
                value += try escape()
            } else {
                value.append(next)
            }
        }
        guard byte() == UInt8(ascii: "\"") else { throw RuleError("a double quote is missing") }
        place += 1
        return String(outside: value)
    }

    private mutating func escape() throws(RuleError) -> [UInt8] {
        guard let next = byte() else { throw RuleError("a double quote is missing") }
        place += 1
        switch next {
        case UInt8(ascii: "a"): return [0x07]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "v"): return [0x0B]
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): return [next]
        case UInt8(ascii: "x"): return [UInt8(truncatingIfNeeded: try number(digits: 2, radix: 16))]
        case UInt8(ascii: "u"): return try scalar(digits: 4)
        case UInt8(ascii: "U"): return try scalar(digits: 8)
        case 0x30...0x37:
            place -= 1
            let value = try number(digits: 3, radix: 8)
            guard value <= 255 else { throw RuleError("an unknown escape in a text") }
            return [UInt8(value)]
        default: throw RuleError("an unknown escape in a text")
        }
    }

    private mutating func number(digits: Int, radix: Int) throws(RuleError) -> Int {
        let text = bytes[min(place, bytes.count)..<min(place + digits, bytes.count)]
        // No sign: `Int` would take one.
        guard text.count == digits, text.first != UInt8(ascii: "+"), text.first != UInt8(ascii: "-"),
            let value = Int(String(decoding: text, as: UTF8.self), radix: radix)
        else { throw RuleError("an unknown escape in a text") }
        place += digits
        return value
    }

    private mutating func scalar(digits: Int) throws(RuleError) -> [UInt8] {
        guard let scalar = Unicode.Scalar(UInt32(try number(digits: digits, radix: 16))) else {
            throw RuleError("an unknown escape in a text")
        }
        return Array(String(Character(scalar)).utf8)
    }
}
