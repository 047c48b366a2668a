/// Bytes that must not be written, and their replacement.
struct Pattern: Hashable {
    let bytes: [UInt8]
    let replacement: [UInt8]
    /// This many of its first bytes count as the whole: the rest may have been cut off.
    let fragment: Int

    /// - Parameter bytes: at least `Redactor.shortest`.
    init(_ bytes: [UInt8], replacement: String, fragment: Int = Redactor.shortest) {
        self.bytes = bytes
        self.replacement = Array(replacement.utf8)
        self.fragment = min(fragment, bytes.count)
    }

    /// Returns how many of its bytes are at `index`; 0 if they are too few to count.
    func match(in text: [UInt8], at index: Int) -> Int {
        let limit = min(bytes.count, text.count - index)
        var count = 0
        while count < limit, bytes[count] == text[index + count] { count += 1 }
        return count >= fragment ? count : 0
    }
}

/// Many patterns that are searched for at once.
struct Patterns {
    /// Patterns by their first eight bytes.
    private var byHead: [UInt64: [Pattern]] = [:]
    /// A bit for every pair of bytes that a pattern begins with. It rules out almost every place in a text.
    private var pairs = [UInt64](repeating: 0, count: 1024)
    /// Whether the texts are JSON, where no pattern begins or ends inside an escape.
    private let areEscaped: Bool

    init(areEscaped: Bool = false) { self.areEscaped = areEscaped }

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
            guard let (count, replacement) = match(in: text, at: index) else {
                index += 1
                continue
            }
            result += text[kept..<index]
            result += replacement
            index += count
            kept = index
        }
        guard kept > 0 else { return text }
        return result + text[kept...]
    }

    private func match(in text: [UInt8], at index: Int) -> (count: Int, replacement: [UInt8])? {
        let pair = Self.pair(text, index)
        guard pairs[pair >> 6] & 1 << UInt64(pair & 63) != 0, let candidates = byHead[Self.head(text, index)],
            !areEscaped || Self.backslashes(in: text, before: index).isMultiple(of: 2)
        else { return nil }
        let matches = candidates.map { (pattern: $0, count: $0.match(in: text, at: index)) }
        guard let (pattern, count) = matches.max(by: { $0.count < $1.count }), count > 0 else { return nil }
        let isCut = count < pattern.bytes.count
        return (isCut ? wholeCharacters(count, in: text, at: index) : count, pattern.replacement)
    }

    /// Shortens the match of a cut pattern so that it does not end inside a character or an escape.
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
