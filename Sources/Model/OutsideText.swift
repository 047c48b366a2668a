/// Text from outside, with a cost that grows no faster than its length.
///
/// Comparing and hashing text sorts the combining marks after a character, which takes quadratic time. Therefore no more than
/// 30 of them are kept in a row, as in stream-safe text (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format).
private enum StreamSafe {
    static let limit = 30

    /// No combining mark has a lead byte below this: the first is U+0300.
    static let firstLeadByte: UInt8 = 0xCC

    /// Whether normalization may move the scalar past its neighbours. Three Tibetan vowel signs become such marks first.
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x300 else { return false }
        return switch scalar.value {
        case 0x0F73, 0x0F75, 0x0F81: true
        default: scalar.properties.canonicalCombiningClass != .notReordered
        }
    }
}

extension String {
    /// Decodes UTF-8 from outside; combining marks in excess are left out.
    package init(outside bytes: some Collection<UInt8>) {
        self.init(outside: String(decoding: bytes, as: UTF8.self))
    }

    /// A text from outside that was decoded elsewhere, without combining marks in excess.
    package init(outside text: String) {
        self = text.utf8.contains { $0 >= StreamSafe.firstLeadByte } ? text.withoutExcessMarks : text
    }

    private var withoutExcessMarks: String {
        var result = String.UnicodeScalarView()
        var run = 0
        for scalar in unicodeScalars {
            run = StreamSafe.isMark(scalar) ? run + 1 : 0
            if run <= StreamSafe.limit { result.append(scalar) }
        }
        return String(result)
    }
}

/// JSON from outside: combining marks in excess are left out, because decoding hashes every key.
struct OutsideJSON {
    /// The bytes to decode.
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = Self.mayHoldMarks(bytes) ? Self.withoutExcessMarks(bytes) : bytes }

    private static let backslash = UInt8(ascii: "\\")

    private static func mayHoldMarks(_ bytes: [UInt8]) -> Bool {
        var index = 0
        while index < bytes.count {
            if bytes[index] >= StreamSafe.firstLeadByte { return true }
            guard bytes[index] == backslash else {
                index += 1
                continue
            }
            // Docker writes `\u0026` for `&`, and the like; marks do not begin with `\u00`.
            let escape = bytes[(index + 1)...].prefix(3)
            if escape.first == UInt8(ascii: "u"), !escape.elementsEqual("u00".utf8) { return true }
            index += 2
        }
        return false
    }

    private static func withoutExcessMarks(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var run = 0
        var rest = bytes[...]
        while let first = rest.first {
            let (scalar, length) = first == backslash ? escape(rest) : literal(rest)
            run = scalar.map(StreamSafe.isMark) == true ? run + 1 : 0
            if run <= StreamSafe.limit { result += rest.prefix(length) }
            rest = rest.dropFirst(length)
        }
        return result
    }

    /// A scalar in UTF-8, and its bytes; what is none is passed on byte by byte.
    private static func literal(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar?, length: Int) {
        guard let first = bytes.first, first >= StreamSafe.firstLeadByte else { return (nil, 1) }
        var input = bytes.prefix(4).makeIterator()
        var decoder = UTF8()
        guard case .scalarValue(let scalar) = decoder.decode(&input) else { return (nil, 1) }
        return (scalar, String(scalar).utf8.count)
    }

    /// `\u0316`, or `\ud834\udd65` for a scalar above U+FFFF; other escapes are no marks.
    private static func escape(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar?, length: Int) {
        guard let unit = unit(bytes) else { return (nil, 2) }
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        guard UTF16.isLeadSurrogate(unit), let trail = self.unit(bytes.dropFirst(6)), UTF16.isTrailSurrogate(trail)
        else { return (nil, 6) }
        let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(trail) - 0xDC00
        return (Unicode.Scalar(value), 12)
    }

    /// The UTF-16 code unit of an escape.
    private static func unit(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        let digits = bytes.dropFirst(2).prefix(4)
        guard bytes.starts(with: [backslash, UInt8(ascii: "u")]), digits.count == 4 else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
