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
        let lower = key.asciiLowercased
        return fields.last { $0.key == key || $0.key.asciiLowercased == lower }?.value
    }

    subscript(path: String...) -> Node? { path.reduce(Node?.some(self)) { $0?[$1] } }

    /// A list of texts; in a text they are separated by commas.
    var texts: [String] {
        switch kind {
        case .list: items.compactMap(\.text)
        case .text, .map: text.map { $0.parts(at: ",").map(\.withoutSpaces).filter { !$0.isEmpty } } ?? []
        case .empty: []
        }
    }
}

/// What a tree may hold. A key that is not in it, or a value of another form, makes the proxy refuse the whole.
indirect enum Shape: Sendable {
    case anything, text, whole, flag
    case list(Shape)
    case map(Shape)
    /// By the keys in lower case.
    case fields([String: Shape])
    /// The same, which may also be given as `true`.
    case optional([String: Shape])

    /// Where and why a tree has another shape; nil if it has this one.
    func reason(against node: Node, at path: String = "") -> String? {
        switch self {
        case .anything: return nil
        case .text: return node.kind == .list || node.kind == .map ? "\(path) takes a text" : nil
        case .whole:
            guard node.kind != .empty else { return nil }
            return Int(node.text ?? "") == nil ? "\(path) takes a number, and not `\(node.text ?? "")`" : nil
        case .flag:
            guard node.kind != .empty else { return nil }
            return goFlag(node.text ?? "") == nil ? "\(path) takes `true` or `false`, and not `\(node.text ?? "")`" : nil
        case .list(let shape):
            return node.items.lazy.compactMap { shape.reason(against: $0, at: path) }.first
        case .map(let shape):
            guard node.text == nil, node.kind != .list else { return "\(path) takes no value of its own" }
            return node.fields.lazy.compactMap { shape.reason(against: $0.value, at: "\(path).\($0.key)") }.first
        case .fields(let shapes):
            guard node.text == nil, node.kind != .list else { return "\(path) takes no value of its own" }
            return Self.reason(against: node, shapes, path)
        case .optional(let shapes):
            return node.kind == .list ? "\(path) takes no list" : Self.reason(against: node, shapes, path)
        }
    }

    private static func reason(against node: Node, _ shapes: [String: Shape], _ path: String) -> String? {
        for field in node.fields {
            let place = path.isEmpty ? field.key : "\(path).\(field.key)"
            guard let shape = shapes[field.key.asciiLowercased] else { return "there is no field \(place)" }
            if let reason = shape.reason(against: field.value, at: place) { return reason }
        }
        return nil
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
