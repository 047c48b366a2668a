import CDocuments
import Model

/// Why a file or a text cannot be read: a clause.
struct DocumentError: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Reads YAML and TOML into a tree. Aliases cost what they stand for, so that none can blow up.
@safe
struct DocumentReader: ~Copyable {
    enum Format { case yaml, toml }

    /// Bytes, values with all aliases in place, and how deep they are nested.
    static let (longest, mostValues, deepest) = (DeclaringFile.longest, 500_000, 100)

    private static let longestKey = 1 << 10
    /// So many bytes of a text count as one value more.
    private static let bytesOfValue = 8

    private let document: OpaquePointer?
    private var event = unsafe landfall_document_event()
    private var anchors: [String: (node: Node, values: Int)] = [:]
    private var values = 0

    private init(_ bytes: borrowing UnsafeBufferPointer<UInt8>, _ format: Format) {
        unsafe document =
            switch format {
            case .yaml: unsafe landfall_yaml_open(bytes.baseAddress, bytes.count)
            case .toml: unsafe landfall_toml_open(bytes.baseAddress, bytes.count)
            }
    }

    deinit { unsafe landfall_document_close(document) }

    /// The first document in the bytes.
    static func read(_ bytes: [UInt8], _ format: Format) throws(DocumentError) -> Node {
        guard bytes.count <= longest else { throw DocumentError("it is longer than \(longest >> 20) MiB") }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw DocumentError("it is not valid UTF-8") }
        guard !bytes.isEmpty else { return .empty }
        let result = unsafe bytes.withUnsafeBufferPointer { bytes -> Result<Node, DocumentError> in
            var reader = unsafe DocumentReader(bytes, format)
            do throws(DocumentError) {
                return .success(try reader.all())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private mutating func all() throws(DocumentError) -> Node {
        guard unsafe document != nil else { throw DocumentError("there is no memory") }
        try next()
        if kind == LANDFALL_DOCUMENT_END { return .empty }
        let node = try node(depth: 0)
        // What follows in the same document may be wrong.
        while kind != LANDFALL_DOCUMENT_END { try next() }
        return node
    }

    private var kind: Int { unsafe Int(event.kind) }

    private mutating func next() throws(DocumentError) {
        guard let document = unsafe document else { throw DocumentError("there is no memory") }
        unsafe landfall_document_next(document, &event)
        guard kind == LANDFALL_DOCUMENT_ERROR else { return }
        let line = unsafe event.line == 0 ? "" : " in line \(event.line)"
        throw DocumentError("\(sanitized(text, limit: 120))\(line)")
    }

    /// What is too long only as far as that shows, like the value of a label: to compare texts may take far longer than to read
    /// them.
    private var text: String {
        guard let start = unsafe event.text else { return "" }
        let count = unsafe min(event.count, LabelLimits.value + 1)
        return unsafe String(outside: UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Whether the current event is this text, and may be more than a text.
    private func isPlain(_ text: String) -> Bool {
        guard unsafe event.is_plain && event.count == text.utf8.count else { return false }
        return self.text == text
    }

    private var anchor: String? {
        guard let anchor = unsafe event.anchor else { return nil }
        return unsafe String(cString: anchor)
    }

    private mutating func count(_ more: Int) throws(DocumentError) {
        values += more
        guard values <= Self.mostValues else { throw DocumentError("it holds too much") }
    }

    /// The value that the current event begins. Afterwards the event behind it is current.
    private mutating func node(depth: Int) throws(DocumentError) -> Node {
        guard depth <= Self.deepest else { throw DocumentError("it is nested too deep") }
        let (anchor, before) = (anchor, values)
        try count(1)
        let node: Node
        switch kind {
        case LANDFALL_DOCUMENT_ALIAS:
            guard let known = anchors[anchor ?? ""] else {
                throw DocumentError("the alias \(sanitized(anchor ?? "", limit: 40)) stands for nothing")
            }
            try count(known.values)
            try next()
            return known.node
        case LANDFALL_DOCUMENT_TEXT:
            // A long text may be read as a rule of many hosts, wherever an alias puts it.
            try count(unsafe event.count / Self.bytesOfValue)
            let isNone = isPlain("") || isPlain("~") || isPlain("null") || isPlain("Null") || isPlain("NULL")
            node = isNone ? .empty : .text(unsafe event.is_plain ? Self.number(text) ?? text : text)
            try next()
        case LANDFALL_DOCUMENT_LIST:
            try next()
            var items: [Node] = []
            while kind != LANDFALL_DOCUMENT_LIST_END { items.append(try self.node(depth: depth + 1)) }
            node = .list(items)
            try next()
        case LANDFALL_DOCUMENT_MAP: node = try map(depth)
        default: throw DocumentError("it ends too early")
        }
        if let anchor { anchors[anchor] = (node, values - before) }
        return node
    }

    private mutating func map(_ depth: Int) throws(DocumentError) -> Node {
        try next()
        var (fields, merged): ([Node.Field], [Node.Field]) = ([], [])
        var keys: Set<String> = []
        while kind != LANDFALL_DOCUMENT_MAP_END {
            let isMerge = isPlain("<<")
            guard kind == LANDFALL_DOCUMENT_TEXT || kind == LANDFALL_DOCUMENT_ALIAS,
                let key = Self.key(of: try node(depth: depth + 1))
            else { throw DocumentError("a key is no text") }
            guard key.utf8.count <= Self.longestKey else { throw DocumentError("a key is too long") }
            let value = try node(depth: depth + 1)
            if isMerge {
                merged += value.kind == .list ? value.items.flatMap(\.fields) : value.fields
            } else {
                guard keys.insert(key).inserted else {
                    throw DocumentError("the key \(sanitized(key, limit: 40)) is there twice")
                }
                fields.append(Node.Field(key: key, value: value))
            }
        }
        try next()
        return .map(fields + merged.filter { keys.insert($0.key).inserted })
    }

    /// A whole number that is written another way: `1_000`, `1.0`.
    private static func number(_ text: String) -> String? {
        let bytes = text.utf8.filter { $0 != UInt8(ascii: "_") }
        guard bytes.count < text.utf8.count || bytes.contains(UInt8(ascii: ".")),
            bytes.first.map({ (0x30...0x39).contains($0) }) == true,
            let number = Double(String(decoding: bytes, as: UTF8.self)), number < 1e15, number == number.rounded(.down)
        else { return nil }
        return "\(Int(number))"
    }

    private static func key(of node: Node) -> String? {
        switch node.kind {
        case .text: node.text
        case .empty: ""
        case .list, .map: nil
        }
    }
}
