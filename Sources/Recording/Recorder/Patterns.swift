/// Bytes that must not be written, and what is written in their place.
struct Pattern: Hashable {
    let bytes: [UInt8]
    let standIn: [UInt8]
    /// So many of its first bytes are it already: the rest was cut off.
    let fragment: Int

    /// - Parameter bytes: `Redactor.shortest` at least.
    init(_ bytes: [UInt8], standIn: String, fragment: Int = Redactor.shortest) {
        self.bytes = bytes
        self.standIn = Array(standIn.utf8)
        self.fragment = min(fragment, bytes.count)
    }

    /// How many bytes of it stand at `index`; 0 when they are too few to be it.
    func match(in text: [UInt8], at index: Int) -> Int {
        let limit = min(bytes.count, text.count - index)
        var count = 0
        while count < limit, bytes[count] == text[index + count] { count += 1 }
        return count >= fragment ? count : 0
    }
}

/// Many patterns, looked for at once.
struct Patterns {
    /// Of which texts begin, by their first eight bytes.
    private var byHead: [UInt64: [Pattern]] = [:]
    /// A bit for every pair of bytes that one of them begins with: almost every place in a text is passed by it.
    private var pairs = [UInt64](repeating: 0, count: 1024)
    /// Whether the texts are JSON, in whose escapes nothing begins or ends.
    private let areEscaped: Bool

    init(areEscaped: Bool = false) {
        self.areEscaped = areEscaped
    }

    mutating func insert(_ pattern: Pattern) {
        let pair = Self.pair(pattern.bytes, 0)
        pairs[pair >> 6] |= 1 << UInt64(pair & 63)
        let head = Self.head(pattern.bytes, 0)
        if byHead[head]?.contains(pattern) != true { byHead[head, default: []].append(pattern) }
    }

    mutating func remove(_ pattern: Pattern) {
        let head = Self.head(pattern.bytes, 0)
        byHead[head]?.removeAll { $0 == pattern }
        if byHead[head]?.isEmpty == true { byHead[head] = nil }
    }

    func replaced(in text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var (kept, index) = (0, 0)
        while index + Redactor.shortest <= text.count {
            guard let (count, standIn) = match(in: text, at: index) else {
                index += 1
                continue
            }
            result += text[kept..<index]
            result += standIn
            index += count
            kept = index
        }
        guard kept > 0 else { return text }
        return result + text[kept...]
    }

    private func match(in text: [UInt8], at index: Int) -> (count: Int, standIn: [UInt8])? {
        let pair = Self.pair(text, index)
        guard pairs[pair >> 6] & 1 << UInt64(pair & 63) != 0, let candidates = byHead[Self.head(text, index)],
            !areEscaped || Self.backslashes(in: text, before: index).isMultiple(of: 2)
        else { return nil }
        let matches = candidates.map { (pattern: $0, count: $0.match(in: text, at: index)) }
        guard let (pattern, count) = matches.max(by: { $0.count < $1.count }), count > 0 else { return nil }
        let isCut = count < pattern.bytes.count
        return (isCut ? wholeCharacters(count, in: text, at: index) : count, pattern.standIn)
    }

    /// A pattern that was cut may part from the text within a character, or within an escape.
    private func wholeCharacters(_ count: Int, in text: [UInt8], at index: Int) -> Int {
        var count = count
        while index + count < text.count, text[index + count] & 0xC0 == 0x80 { count -= 1 }
        let isInEscape = areEscaped && !Self.backslashes(in: text, before: index + count).isMultiple(of: 2)
        return isInEscape ? count - 1 : count
    }

    private static func backslashes(in text: [UInt8], before index: Int) -> Int {
        text[..<index].reversed().prefix { $0 == UInt8(ascii: "\\") }.count
    }

    private static func pair(_ text: [UInt8], _ index: Int) -> Int {
        Int(text[index]) << 8 | Int(text[index + 1])
    }

    private static func head(_ text: [UInt8], _ index: Int) -> UInt64 {
        text[index..<index + Redactor.shortest].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
