import Model

/// A value in a tree of configuration: of a file, or of labels, where one key may have a value and further keys below it.
struct Node: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        let key: String
        var value: Node
    }

    var text: String?
    var items: [Node] = []
    var fields: [Field] = []
    var kind: Kind

    enum Kind: Sendable { case empty, text, list, map }

    static let empty = Node(kind: .empty)

    static func text(_ text: String) -> Node { Node(text: text, kind: .text) }

    static func list(_ items: [Node]) -> Node { Node(items: items, kind: .list) }

    static func map(_ fields: [Field]) -> Node { Node(fields: fields, kind: .map) }

    /// The field with this key, in any case; the last of several.
    subscript(key: String) -> Node? {
        fields.lastIndex { field in
            field.key == key
                || field.key.utf8.count == key.utf8.count && field.key.asciiLowercased == key.asciiLowercased
        }.map { fields[$0].value }
    }

    /// The fields that hold something, or the items of a list with their places for keys.
    var children: [Field] {
        kind == .list
            ? items.enumerated().filter { $1.kind == .map }.map { Field(key: "[\($0)]", value: $1) }
            : fields.contains { $0.value.kind == .empty } ? fields.filter { $0.value.kind != .empty } : fields
    }

    subscript(path: String...) -> Node? { path.reduce(Node?.some(self)) { $0?[$1] } }

    /// A list of texts; in a text they are separated by commas.
    var texts: [String] {
        if kind == .list { return items.compactMap(\.text) }
        return text.map { $0.isEmpty ? [] : $0.parts(at: ",").map(\.withoutSpaces) } ?? []
    }

    /// Of what may stand without fields: whether its value says that it is there.
    var isThere: Bool { kind != .empty && items.isEmpty && ["", "true"].contains((text ?? "").asciiLowercased) }
}

/// What a tree may hold. A key that is not in it, or a value of another form, makes the proxy refuse the whole.
indirect enum Shape: Sendable {
    case anything, text, texts, whole, flag, duration
    case list(Shape)
    case map(Shape)
    /// By the keys in lower case.
    case fields([String: Shape])
    /// The same, which may stand without a field: `true`, or left out by another value.
    case optional([String: Shape])

    /// Reads a shape as text: fields, each with what it holds behind its name. Nothing stands for a text, `#` for a number, `?` for
    /// a truth value, `~` for a duration, `&` for anything, `{…}` for fields and `!{…}` for optional ones; `[]` and `*` before those
    /// stand for a list and a map. Before a name `+` says that labels alone have it, `/` that files do, and `-` that in labels it
    /// is known and has no effect.
    init(_ text: String, ofFiles: Bool) {
        var rest = Array(text.utf8)[...]
        self = .fields(Self.fields(&rest, ofFiles))
    }

    private static func fields(_ rest: inout ArraySlice<UInt8>, _ ofFiles: Bool) -> [String: Shape] {
        var fields: [String: Shape] = [:]
        while let first = rest.first {
            guard first != UInt8(ascii: "}") else {
                rest.removeFirst()
                break
            }
            let isMarked = [UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "-")].contains(first)
            if isMarked || first == 0x20 || first == 0x0A { rest.removeFirst() }
            let name = rest.prefix { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
            guard !name.isEmpty else { continue }
            rest = rest.dropFirst(name.count)
            let shape = shape(&rest, ofFiles)
            if first == UInt8(ascii: ofFiles ? "+" : "/") { continue }
            let isIdle = first == UInt8(ascii: "-") && !ofFiles
            fields[String(decoding: name, as: UTF8.self)] = isIdle ? .anything : shape
        }
        return fields
    }

    private static func shape(_ rest: inout ArraySlice<UInt8>, _ ofFiles: Bool) -> Shape {
        let marks: [UInt8: Shape] = [
            UInt8(ascii: "#"): .whole, UInt8(ascii: "?"): .flag, UInt8(ascii: "~"): .duration,
            UInt8(ascii: "&"): .anything,
        ]
        guard let first = rest.first else { return .text }
        switch first {
        case UInt8(ascii: "{"):
            rest.removeFirst()
            return .fields(fields(&rest, ofFiles))
        case UInt8(ascii: "!"):
            rest.removeFirst()
            let shape = shape(&rest, ofFiles)
            guard case .fields(let fields) = shape else { return shape }
            return .optional(fields)
        case UInt8(ascii: "["):
            rest.removeFirst(2)
            if case .fields(let fields) = shape(&rest, ofFiles) { return .list(.fields(fields)) }
            return .texts
        case UInt8(ascii: "*"):
            rest.removeFirst()
            return .map(shape(&rest, ofFiles))
        default:
            guard let shape = marks[first] else { return .text }
            rest.removeFirst()
            return shape
        }
    }

    /// Where and why a tree has another shape; nil if it has this one.
    func reason(against node: Node) -> String? { fault(of: node)?.text }

    /// What is wrong: a clause with the path in it, which is put together on the way out alone.
    private struct Fault {
        var before = ""
        var path: String?
        var after = ""

        var text: String { before + (path ?? "") + after }

        func below(_ key: String) -> Fault {
            Fault(before: before, path: path.map { "\(key).\($0)" } ?? key, after: after)
        }
    }

    private func fault(of node: Node) -> Fault? {
        let wrong = { (wanted: String) in
            Fault(after: " takes \(wanted), and not `\(sanitized(node.text ?? "", limit: 40))`")
        }
        switch self {
        case .anything, .texts: return nil
        case .text, .whole, .flag, .duration:
            guard node.fields.isEmpty else { return Fault(after: " takes no fields") }
            switch self {
            case .whole: return Int(node.text ?? "") == nil ? wrong("a number") : nil
            case .flag: return goFlag(node.text ?? "") == nil ? wrong("`true` or `false`") : nil
            case .duration: return isGoDuration(node.text ?? "") ? nil : wrong("a duration")
            default: return nil
            }
        case .list(let shape): return node.children.lazy.compactMap { shape.fault(below: $0.value) }.first
        case .map, .fields:
            guard !node.children.isEmpty else { return Fault(after: " takes fields, and no value of its own") }
            guard case .map(let shape) = self else { return fault(below: node) }
            return node.children.lazy.compactMap { shape.fault(below: $0.value)?.below($0.key) }.first
        case .optional: return fault(below: node)
        }
    }

    /// The same for a value in a list or a map, which may have no field.
    private func fault(below node: Node) -> Fault? {
        switch self {
        case .fields(let shapes), .optional(let shapes):
            for field in node.children {
                guard let shape = shapes[field.key] ?? shapes[field.key.asciiLowercased] else {
                    return Fault(before: "there is no field ", path: field.key)
                }
                if let fault = shape.fault(of: field.value) { return fault.below(field.key) }
            }
            return nil
        case .text: return nil
        default: return fault(of: node)
        }
    }
}

/// What Go takes for a truth value (https://pkg.go.dev/strconv#ParseBool).
func goFlag(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
}

/// Whether Go takes a text for a duration (https://pkg.go.dev/time#ParseDuration), or it is a number of seconds.
func isGoDuration(_ text: String) -> Bool {
    guard Int(text) == nil, text != "0" else { return true }
    var rest = Array(text.utf8)[...]
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { rest.removeFirst() }
    guard !rest.isEmpty else { return false }
    while !rest.isEmpty {
        let number = rest.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        rest = rest.dropFirst(number.count)
        let unit = rest.prefix { !(0x30...0x39).contains($0) && $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(unit.count)
        guard Double(String(decoding: number, as: UTF8.self)) != nil,
            ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].contains(String(decoding: unit, as: UTF8.self))
        else { return false }
    }
    return true
}
