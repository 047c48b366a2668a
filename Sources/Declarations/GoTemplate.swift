import Model

/// Why a template yields nothing: a clause.
struct TemplateError: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Templates of the language Go (https://pkg.go.dev/text/template), as far as declarations use them: texts, variables, `if`, `range`,
/// `with`, and the functions that choose and join texts. A template that needs more is not guessed.
struct GoTemplate {
    indirect enum Value: Hashable, Sendable {
        case none
        case text(String)
        case number(Int)
        case flag(Bool)
        case list([Value])
        case map([String: Value])

        var isTrue: Bool {
            switch self {
            case .none: false
            case .text(let text): !text.isEmpty
            case .number(let number): number != 0
            case .flag(let flag): flag
            case .list(let items): !items.isEmpty
            case .map(let fields): !fields.isEmpty
            }
        }
    }

    /// What a template may call beside the functions of every one.
    typealias Functions = [String: @Sendable ([Value]) throws(TemplateError) -> Value]

    /// Bytes that it may yield, and that its calls may print. Steps, variables, and how deep it may be nested.
    static let (longest, mostSteps, mostVariables, deepest) = (DeclaringFile.longest, 10_000, 1000, 50)

    /// - Parameter environment: of the proxy; a variable that is not in it is not known.
    static func text(
        of template: String,
        _ data: Value,
        environment: [String: String],
        functions: Functions = [:]
    ) throws(TemplateError) -> String {
        guard template.utf8.count <= longest else { throw TemplateError("it is too long") }
        // Nearly all of them are none.
        guard template.holds("{{") else { return template }
        var parser = try TemplateParser(template)
        let nodes = try parser.all()
        var run = TemplateRun(environment: environment, functions: functions, root: data)
        try run.write(nodes, data)
        return String(outside: run.output)
    }
}

/// A part of a template.
indirect enum TemplateNode {
    case text(String)
    case output(Pipeline)
    case assign(String, Pipeline, isNew: Bool)
    case choose([(Pipeline, [TemplateNode])], otherwise: [TemplateNode])
    case with(Pipeline, [TemplateNode], otherwise: [TemplateNode])
    case loop(Pipeline, key: String?, value: String?, [TemplateNode], otherwise: [TemplateNode])

    struct Pipeline { var commands: [[Operand]] }

    indirect enum Operand {
        case value(GoTemplate.Value)
        /// `.A.B`, of what is current.
        case fields([String])
        /// `$name.A`
        case variable(String, [String])
        case function(String)
        /// `(pipeline).A`
        case group(Pipeline, [String])
    }
}

/// Reads a template.
struct TemplateParser {
    private enum Token: Equatable {
        case word(String), text(String), number(Int)
        /// `.A.B`, or `.` alone
        case fields([String])
        case variable(String, [String])
        case open, close([String]), pipe, assign, define, comma
    }

    private struct Piece {
        let text: String?
        let action: [Token]
    }

    private var pieces: [Piece] = []
    private var place = 0
    private var depth = 0

    init(_ template: String) throws(TemplateError) {
        let (bytes, opening) = (Array(template.utf8), ByteSearch("{{"))
        var (start, trims) = (0, false)
        while let open = opening.first(in: bytes, from: start) {
            var text = bytes[start..<open]
            var inside = open + 2
            let isTrimming =
                inside + 1 < bytes.count && bytes[inside] == UInt8(ascii: "-") && isSpace(bytes[inside + 1])
            if isTrimming { inside += 2 }
            if trims { text = text.drop(while: isSpace) }
            if isTrimming { while let last = text.last, isSpace(last) { text.removeLast() } }
            pieces.append(Piece(text: String(decoding: text, as: UTF8.self), action: []))
            var lexer = ActionLexer(bytes, inside)
            let tokens = try lexer.tokens()
            guard !tokens.isEmpty || lexer.hasComment else { throw TemplateError("an action is empty") }
            if !tokens.isEmpty { pieces.append(Piece(text: nil, action: tokens)) }
            (start, trims) = (lexer.end, lexer.trims)
        }
        var rest = bytes[start...]
        if trims { rest = rest.drop(while: isSpace) }
        pieces.append(Piece(text: String(decoding: rest, as: UTF8.self), action: []))
    }

    mutating func all() throws(TemplateError) -> [TemplateNode] {
        let (nodes, end) = try nodes()
        guard end == nil else { throw TemplateError("`\(end ?? "")` ends nothing") }
        return nodes
    }

    /// The nodes up to `end` or `else`, and which of them it was; nil at the end of the template.
    private mutating func nodes() throws(TemplateError) -> ([TemplateNode], String?) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= GoTemplate.deepest else { throw TemplateError("it is nested too deep") }
        var nodes: [TemplateNode] = []
        while place < pieces.count {
            let piece = pieces[place]
            if let text = piece.text {
                if !text.isEmpty { nodes.append(.text(text)) }
                place += 1
                continue
            }
            guard case .word(let word) = piece.action[0], Self.keywords.contains(word) else {
                place += 1
                nodes.append(try statement(piece.action[...]))
                continue
            }
            if word == "end" || word == "else" { return (nodes, word) }
            place += 1
            nodes.append(try block(word, piece.action.dropFirst()))
        }
        return (nodes, nil)
    }

    private static let keywords: Set = [
        "if", "else", "end", "range", "with", "define", "template", "block", "break", "continue",
    ]

    private mutating func statement(_ tokens: ArraySlice<Token>) throws(TemplateError) -> TemplateNode {
        if case .variable(let name, let fields) = tokens.first, fields.isEmpty, let second = tokens.dropFirst().first,
            second == .assign || second == .define
        {
            return .assign(name, try pipeline(tokens.dropFirst(2)), isNew: second == .define)
        }
        return .output(try pipeline(tokens))
    }

    private mutating func block(_ word: String, _ tokens: ArraySlice<Token>) throws(TemplateError) -> TemplateNode {
        switch word {
        case "if":
            var choices = [(try pipeline(tokens), [TemplateNode]())]
            while true {
                let (inside, end) = try nodes()
                choices[choices.count - 1].1 = inside
                let action = try ending(end)
                if end == "end" { return .choose(choices, otherwise: []) }
                guard action.count > 1 else { return .choose(choices, otherwise: try rest()) }
                guard action[1] == .word("if") else { throw Self.strangeElse }
                choices.append((try pipeline(action.dropFirst(2)), []))
            }
        case "with":
            let value = try pipeline(tokens)
            let (inside, end) = try nodes()
            guard try ending(end).count == 1 else { throw Self.strangeElse }
            return .with(value, inside, otherwise: end == "else" ? try rest() : [])
        case "range":
            var (names, tokens) = ([String](), tokens)
            if let place = tokens.firstIndex(of: .define) {
                for token in tokens[..<place] where token != .comma {
                    guard case .variable(let name, let fields) = token, fields.isEmpty else {
                        throw TemplateError("a `range` is not understood")
                    }
                    names.append(name)
                }
                tokens = tokens[(place + 1)...]
            }
            guard names.count <= 2 else { throw TemplateError("a `range` is not understood") }
            let value = try pipeline(tokens)
            let (inside, end) = try nodes()
            guard try ending(end).count == 1 else { throw Self.strangeElse }
            return .loop(
                value,
                key: names.count == 2 ? names[0] : nil,
                value: names.last,
                inside,
                otherwise: end == "else" ? try rest() : []
            )
        default: throw TemplateError("`\(word)` is not understood")
        }
    }

    private static let strangeElse = TemplateError("an `else` is not understood")

    /// The action that ends a block.
    private mutating func ending(_ word: String?) throws(TemplateError) -> [Token] {
        guard word != nil else { throw TemplateError("an `end` is missing") }
        defer { place += 1 }
        return pieces[place].action
    }

    /// What stands between `else` and `end`.
    private mutating func rest() throws(TemplateError) -> [TemplateNode] {
        let (inside, end) = try nodes()
        guard end == "end", try ending(end).count == 1 else { throw TemplateError("an `end` is missing") }
        return inside
    }

    private mutating func pipeline(_ tokens: ArraySlice<Token>) throws(TemplateError) -> TemplateNode.Pipeline {
        var rest = tokens
        let pipeline = try pipeline(&rest, depth: 0)
        guard rest.isEmpty else { throw TemplateError("an action is not understood") }
        return pipeline
    }

    private func pipeline(_ rest: inout ArraySlice<Token>, depth: Int) throws(TemplateError) -> TemplateNode.Pipeline {
        guard depth <= GoTemplate.deepest else { throw TemplateError("it is nested too deep") }
        var commands: [[TemplateNode.Operand]] = [[]]
        while let token = rest.first {
            if case .close = token { break }
            rest.removeFirst()
            let operand: TemplateNode.Operand
            switch token {
            case .pipe:
                commands.append([])
                continue
            case .text(let text): operand = .value(.text(text))
            case .number(let number): operand = .value(.number(number))
            case .fields(let fields): operand = .fields(fields)
            case .variable(let name, let fields): operand = .variable(name, fields)
            case .word("true"): operand = .value(.flag(true))
            case .word("false"): operand = .value(.flag(false))
            case .word("nil"): operand = .value(.none)
            case .word(let word): operand = .function(word)
            case .open:
                let inner = try pipeline(&rest, depth: depth + 1)
                guard case .close(let fields) = rest.first else { throw TemplateError("a `)` is missing") }
                rest.removeFirst()
                operand = .group(inner, fields)
            case .close, .assign, .define, .comma: throw TemplateError("an action is not understood")
            }
            commands[commands.count - 1].append(operand)
        }
        guard commands.allSatisfy({ !$0.isEmpty }) else { throw TemplateError("an action is empty") }
        return TemplateNode.Pipeline(commands: commands)
    }

    /// Splits one action into tokens.
    private struct ActionLexer {
        private let bytes: [UInt8]
        private var place: Int
        /// Behind the action.
        private(set) var end = 0
        /// Whether the space behind it is dropped.
        private(set) var trims = false
        private(set) var hasComment = false

        init(_ bytes: [UInt8], _ place: Int) { (self.bytes, self.place) = (bytes, place) }

        private func byte(_ offset: Int = 0) -> UInt8? {
            place + offset < bytes.count ? bytes[place + offset] : nil
        }

        private static let unclosed = TemplateError("an action `{{` does not end")

        mutating func tokens() throws(TemplateError) -> [Token] {
            var tokens: [Token] = []
            while let first = byte() {
                switch first {
                case UInt8(ascii: "}"):
                    guard byte(1) == first else { throw TemplateError("a `}` too few") }
                    end = place + 2
                    return tokens
                case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "}") && byte(2) == UInt8(ascii: "}"):
                    (end, trims) = (place + 3, true)
                    return tokens
                case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
                    guard let close = ByteSearch("*/").first(in: bytes, from: place + 2) else { throw Self.unclosed }
                    (place, hasComment) = (close + 2, true)
                case 0x20, 0x09...0x0D: place += 1
                default: tokens.append(try token(first))
                }
            }
            throw Self.unclosed
        }

        private mutating func token(_ first: UInt8) throws(TemplateError) -> Token {
            switch first {
            case UInt8(ascii: "("): return single(.open)
            case UInt8(ascii: ")"):
                place += 1
                return .close(fields())
            case UInt8(ascii: "|"): return single(.pipe)
            case UInt8(ascii: ","): return single(.comma)
            case UInt8(ascii: "="): return single(.assign)
            case UInt8(ascii: ":"):
                guard byte(1) == UInt8(ascii: "=") else { throw TemplateError("an action is not understood") }
                place += 2
                return .define
            case UInt8(ascii: "\""), UInt8(ascii: "`"): return .text(try text(first))
            case UInt8(ascii: "."):
                let names = fields()
                if names.isEmpty { place += 1 }
                return .fields(names)
            case UInt8(ascii: "$"):
                place += 1
                let name = word()
                return .variable(name, fields())
            case 0x30...0x39, UInt8(ascii: "-"):
                let begin = place
                place += 1
                while let next = byte(), (0x30...0x39).contains(next) { place += 1 }
                guard let number = Int(String(decoding: bytes[begin..<place], as: UTF8.self)) else {
                    throw TemplateError("a number is not understood")
                }
                return .number(number)
            default:
                let name = word()
                guard !name.isEmpty else { throw TemplateError("an action is not understood") }
                return .word(name)
            }
        }

        private mutating func single(_ token: Token) -> Token {
            place += 1
            return token
        }

        private mutating func word() -> String {
            let begin = place
            while let next = byte() {
                guard
                    next == UInt8(ascii: "_") || (0x30...0x39).contains(next) || (0x41...0x5A).contains(next)
                        || (0x61...0x7A).contains(next)
                else { break }
                place += 1
            }
            return String(decoding: bytes[begin..<place], as: UTF8.self)
        }

        private mutating func fields() -> [String] {
            var names: [String] = []
            while byte() == UInt8(ascii: ".") {
                place += 1
                let name = word()
                guard !name.isEmpty else {
                    place -= 1
                    break
                }
                names.append(name)
            }
            return names
        }

        private mutating func text(_ quote: UInt8) throws(TemplateError) -> String {
            var lexer = RuleLexer(bytes, at: place)
            do throws(RuleError) {
                guard case .text(let text) = try lexer.next() else { throw RuleError("a text is not understood") }
                place = lexer.place
                return text
            } catch {
                throw TemplateError(error.reason)
            }
        }
    }
}

/// Carries out a template.
struct TemplateRun {
    let environment: [String: String]
    let functions: GoTemplate.Functions
    let root: GoTemplate.Value
    private(set) var output: [UInt8] = []
    private var variables: [(name: String, value: GoTemplate.Value)] = []
    private var steps = 0
    private var printed = 0

    init(environment: [String: String], functions: GoTemplate.Functions, root: GoTemplate.Value) {
        (self.environment, self.functions, self.root) = (environment, functions, root)
    }

    mutating func write(_ nodes: [TemplateNode], _ current: GoTemplate.Value) throws(TemplateError) {
        let known = variables.count
        defer { variables.removeSubrange(known...) }
        for node in nodes {
            try step(1)
            try write(node, current)
        }
    }

    private mutating func step(_ count: Int) throws(TemplateError) {
        steps += count
        guard steps <= GoTemplate.mostSteps else { throw TemplateError("it takes too many steps") }
    }

    private mutating func write(_ node: TemplateNode, _ current: GoTemplate.Value) throws(TemplateError) {
        switch node {
        case .text(let text): try append(text)
        case .output(let pipeline): try append(try text(of: try value(of: pipeline, current)))
        case .assign(let name, let pipeline, let isNew):
            let value = try value(of: pipeline, current)
            if isNew {
                guard variables.count < GoTemplate.mostVariables else {
                    throw TemplateError("it has too many variables")
                }
                variables.append((name, value))
            } else if let place = variables.lastIndex(where: { $0.name == name }) {
                variables[place].value = value
            } else {
                throw TemplateError("there is no variable $\(name)")
            }
        case .choose(let choices, let otherwise):
            for (condition, nodes) in choices where try value(of: condition, current).isTrue {
                return try write(nodes, current)
            }
            try write(otherwise, current)
        case .with(let pipeline, let nodes, let otherwise):
            let value = try value(of: pipeline, current)
            try value.isTrue ? write(nodes, value) : write(otherwise, current)
        case .loop(let pipeline, let key, let name, let nodes, let otherwise):
            let items = try items(of: try value(of: pipeline, current))
            guard !items.isEmpty else { return try write(otherwise, current) }
            // Also those of an empty body cost time.
            try step(items.count)
            for item in items {
                let known = variables.count
                if let key { variables.append((key, item.key)) }
                if let name { variables.append((name, item.value)) }
                try write(nodes, item.value)
                variables.removeSubrange(known...)
            }
        }
    }

    private func items(of value: GoTemplate.Value) throws(TemplateError) -> [(
        key: GoTemplate.Value, value: GoTemplate.Value
    )] {
        switch value {
        case .list(let items): return items.enumerated().map { (.number($0.offset), $0.element) }
        case .map(let fields): return fields.sorted { $0.key < $1.key }.map { (.text($0.key), $0.value) }
        case .none: return []
        case .number, .flag, .text: throw TemplateError("`range` goes through a list")
        }
    }

    private mutating func append(_ text: String) throws(TemplateError) {
        output += text.utf8
        guard output.count <= GoTemplate.longest else { throw Self.tooMuch }
    }

    private mutating func texts(of values: [GoTemplate.Value], depth: Int = 0) throws(TemplateError) -> [String] {
        var texts: [String] = []
        for value in values { texts.append(try text(of: value, depth: depth)) }
        return texts
    }

    /// As Go prints a value. What is printed is bounded for the whole template: one that doubles a text or a list in each step
    /// would soon fill the memory.
    private mutating func text(of value: GoTemplate.Value, depth: Int = 0) throws(TemplateError) -> String {
        guard depth <= GoTemplate.deepest else { throw TemplateError("it is nested too deep") }
        let text: String
        switch value {
        case .none: text = "<no value>"
        case .text(let own): text = own
        case .number(let number): text = "\(number)"
        case .flag(let flag): text = "\(flag)"
        case .list(let items): text = "[\(try texts(of: items, depth: depth + 1).joined(separator: " "))]"
        case .map(let fields):
            var parts: [String] = []
            for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
                parts.append("\(key):\(try self.text(of: value, depth: depth + 1))")
            }
            text = "map[\(parts.joined(separator: " "))]"
        }
        printed += text.utf8.count + 1
        guard printed <= GoTemplate.longest, text.utf8.count <= LabelLimits.value else { throw Self.tooMuch }
        return text
    }

    private mutating func value(of pipeline: TemplateNode.Pipeline, _ current: GoTemplate.Value) throws(TemplateError)
        -> GoTemplate.Value
    {
        var last: GoTemplate.Value?
        for command in pipeline.commands {
            if case .function(let name) = command[0] {
                var arguments: [GoTemplate.Value] = []
                for operand in command.dropFirst() { arguments.append(try value(of: operand, current)) }
                if let last { arguments.append(last) }
                last = try call(name, arguments)
            } else {
                guard command.count == 1, last == nil else { throw TemplateError("a value is called as a function") }
                last = try value(of: command[0], current)
            }
        }
        return last ?? .none
    }

    private mutating func value(of operand: TemplateNode.Operand, _ current: GoTemplate.Value) throws(TemplateError)
        -> GoTemplate.Value
    {
        switch operand {
        case .value(let value): return value
        case .fields(let names): return try field(names, of: current)
        case .variable(let name, let names):
            if name.isEmpty { return try field(names, of: root) }
            guard let variable = variables.last(where: { $0.name == name }) else {
                throw TemplateError("there is no variable $\(name)")
            }
            return try field(names, of: variable.value)
        case .function(let name): return try call(name, [])
        case .group(let pipeline, let names): return try field(names, of: try value(of: pipeline, current))
        }
    }

    private func field(_ names: [String], of value: GoTemplate.Value) throws(TemplateError) -> GoTemplate.Value {
        var (value, isRoot) = (value, value == root)
        for name in names {
            guard case .map(let fields) = value else { throw TemplateError("there is no field .\(name)") }
            // Below the root are maps, which may lack a key.
            guard let next = fields[name] ?? (isRoot ? nil : GoTemplate.Value.none) else {
                throw TemplateError("there is no field .\(name)")
            }
            (value, isRoot) = (next, false)
        }
        return value
    }

    private mutating func call(_ name: String, _ values: [GoTemplate.Value]) throws(TemplateError) -> GoTemplate.Value {
        if let own = functions[name] { return try own(values) }
        let texts = try texts(of: values)
        switch (name, values.count) {
        case ("env", 1):
            guard let value = environment[texts[0]] else {
                throw TemplateError(
                    "the proxy's own variable \(texts[0]) is not known here; give it in LANDFALL_PROXY_ENVIRONMENT"
                )
            }
            return .text(value)
        case ("list", _): return .list(values)
        case ("dict", let count) where count.isMultiple(of: 2):
            return .map(
                stride(from: 0, to: count, by: 2).reduce(into: [:]) { $0[texts[$1]] = values[$1 + 1] }
            )
        case ("index", 2...): return try index(values)
        case ("get", 2): return try index(values)
        case ("len", 1): return .number(try count(of: values[0]))
        case ("print", _): return .text(try bounded(texts.joined()))
        case ("printf", 1...): return .text(try bounded(try format(values)))
        case ("until", 1):
            guard case .number(let end) = values[0], (0...1000).contains(end) else {
                throw TemplateError("`until` takes a number")
            }
            return .list((0..<end).map { .number($0) })
        case ("add", _):
            var sum = 0
            for value in values {
                guard case .number(let number) = value else { throw TemplateError("`add` takes numbers") }
                sum &+= number
            }
            return .number(sum)
        case ("split", 2) where texts[1].utf8.count == 1:
            return .list(texts[0].parts(at: texts[1].first ?? ",").map { .text($0) })
        case ("eq", 2...): return .flag(values.dropFirst().contains(values[0]))
        case ("ne", 2): return .flag(values[0] != values[1])
        case ("and", 1...): return values.first { !$0.isTrue } ?? values[values.count - 1]
        case ("or", 1...): return values.first(where: \.isTrue) ?? values[values.count - 1]
        case ("not", 1): return .flag(!values[0].isTrue)
        case ("default", 2): return values[1].isTrue ? values[1] : values[0]
        case ("coalesce", _): return values.first(where: \.isTrue) ?? .none
        case ("lower", 1): return .text(texts[0].lowercased())
        case ("upper", 1): return .text(texts[0].uppercased())
        case ("trim", 1): return .text(texts[0].withoutSpaces)
        case ("trimPrefix", 2):
            return .text(texts[1].begins(with: texts[0]) ? texts[1].without(first: texts[0].utf8.count) : texts[1])
        case ("trimSuffix", 2):
            return .text(texts[1].ends(with: texts[0]) ? texts[1].without(last: texts[0].utf8.count) : texts[1])
        case ("replace", 3): return .text(try replaced(texts[0], texts[1], in: texts[2]))
        case ("splitList", 2) where texts[0].utf8.count == 1:
            return .list(texts[1].parts(at: texts[0].first ?? ",").map { .text($0) })
        case ("join", 2):
            guard case .list(let items) = values[1] else { throw TemplateError("`join` takes a list") }
            guard items.count * texts[0].utf8.count <= LabelLimits.value else { throw Self.tooMuch }
            return .text(try bounded(try self.texts(of: items).joined(separator: texts[0])))
        case ("contains", 2): return .flag(texts[1].holds(texts[0]))
        case ("hasPrefix", 2): return .flag(texts[1].begins(with: texts[0]))
        case ("quote", 1): return .text("\"\(texts[0])\"")
        case ("squote", 1): return .text("'\(texts[0])'")
        case ("normalize", 1): return .text(normalized(texts[0]))
        case ("first", 1):
            guard case .list(let items) = values[0], let first = items.first else {
                throw TemplateError("the list is empty")
            }
            return first
        default: throw TemplateError("its function `\(name)` is not known here")
        }
    }

    private static let tooMuch = TemplateError("it yields too much")

    private func bounded(_ text: String) throws(TemplateError) -> String {
        guard text.utf8.count <= LabelLimits.value else { throw Self.tooMuch }
        return text
    }

    private func index(_ values: [GoTemplate.Value]) throws(TemplateError) -> GoTemplate.Value {
        var value = values[0]
        for key in values.dropFirst() {
            switch (value, key) {
            case (.map(let fields), .text(let key)): value = fields[key] ?? .text("")
            case (.list(let items), .number(let place)) where items.indices.contains(place): value = items[place]
            default: throw TemplateError("`index` finds nothing")
            }
        }
        return value
    }

    private func count(of value: GoTemplate.Value) throws(TemplateError) -> Int {
        switch value {
        case .text(let text): return text.utf8.count
        case .list(let items): return items.count
        case .map(let fields): return fields.count
        case .none, .number, .flag: throw TemplateError("`len` takes a text or a list")
        }
    }

    /// `%s`, `%v`, `%d` and `%%`.
    private mutating func format(_ values: [GoTemplate.Value]) throws(TemplateError) -> String {
        var (result, rest) = ([UInt8](), values.dropFirst())
        var bytes = try text(of: values[0]).utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            switch bytes.next() {
            case UInt8(ascii: "%"): result.append(byte)
            case UInt8(ascii: "s"), UInt8(ascii: "v"), UInt8(ascii: "d"):
                guard let value = rest.popFirst() else { throw TemplateError("`printf` lacks a value") }
                result += try text(of: value).utf8
            default: throw TemplateError("`printf` is not understood")
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func replaced(_ old: String, _ new: String, in text: String) throws(TemplateError) -> String {
        let (search, bytes) = (ByteSearch(old), Array(text.utf8))
        guard !old.isEmpty else { return text }
        var (result, start) = ([UInt8](), 0)
        while let place = search.first(in: bytes, from: start) {
            result += bytes[start..<place]
            result += new.utf8
            guard result.count <= LabelLimits.value else { throw Self.tooMuch }
            start = place + old.utf8.count
        }
        return try bounded(String(decoding: result + bytes[start...], as: UTF8.self))
    }
}

/// A name as Traefik makes it of another one: what is neither a letter nor a digit becomes a hyphen between the rest.
func normalized(_ text: String) -> String {
    text.unicodeScalars.split { !$0.properties.isAlphabetic && $0.properties.numericType == nil }
        .map { String($0) }.joined(separator: "-")
}
