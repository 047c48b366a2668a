import Model
import TestSupport
import Testing

/// Comparing text takes quadratic time in combining marks, so these tests end in time only if marks in excess are gone.
@Suite(.limited(minutes: 1)) struct OutsideTextTests {
    /// Two marks of different classes in turn, which normalization has to sort; and one that becomes marks only then.
    private static let marks: [(name: String, marks: String)] = [
        ("below and above", "\u{316}\u{301}"), ("above the first plane", "\u{1D165}\u{1D16D}"),
        ("Tibetan vowel signs", "\u{F73}\u{F71}"),
    ]

    private static func hostile(_ marks: String, count: Int = 200_000) -> String {
        "a" + String(repeating: marks, count: count) + "b"
    }

    @Test(arguments: marks) func `of combining marks in a row thirty are kept`(name: String, marks: String) {
        let text = String(outside: Array(Self.hostile(marks).utf8))
        #expect(text.unicodeScalars.count == 32)
        #expect(text == String(outside: Self.hostile(marks, count: 15)))
        #expect(Set([text]).contains(text))
    }

    @Test(arguments: ["", "plain", "Việt Nam", "שָׁלוֹם", "Z͑ͫa̴l̸g̵o", "日本", "e\u{301}"])
    func `other text stays as it is`(text: String) throws {
        #expect(String(outside: text).unicodeScalars.elementsEqual(text.unicodeScalars))
        #expect(try decodeJSON([String].self, from: encodeJSON([text])) == [text])
    }

    @Test(arguments: marks) func `keys and values of JSON lose marks in excess`(name: String, marks: String) throws {
        let text = Self.hostile(marks)
        for json in [#"{"\#(text)": "\#(text)"}"#, #"{"\#(Self.escaped(text))": "\#(Self.escaped(text))"}"#] {
            let decoded = try decodeJSON([String: String].self, from: Array(json.utf8))
            let expected = String(outside: text)
            #expect(decoded == [expected: expected])
        }
    }

    @Test func `JSON that must be exact is not changed but refused`() throws {
        let bytes = Array(#"{"\#(Self.hostile("\u{316}\u{301}"))": 1}"#.utf8)
        #expect(throws: DecodingError.self) { try decodeJSON(JSONValue.self, from: bytes, isExact: true) }
        let plain = Array(#"{"\u00e9\ud83d\ude00e\u0301": "\\u0301"}"#.utf8)
        #expect(try decodeJSON(JSONValue.self, from: plain, isExact: true) == ["é😀e\u{301}": #"\u0301"#])
    }

    @Test(arguments: [
        #"{"a": "\u"}"#, #"{"a": "\u03"#, #"{"a": "\ud834"}"#, #"{"a": "\ud834\u0041"}"#, "\\", #"{"a\"#, #""\u12"#,
    ])
    func `broken JSON stays broken`(json: String) {
        #expect((try? decodeJSON(JSONValue.self, from: Array(json.utf8) + [0xCC, 0xF0, 0x9D])) == nil)
    }

    @Test func `white space is trimmed in linear time`() {
        // Regional indicators pair up, which can only be seen from the start of their run.
        let flags = String(repeating: "\u{1F1E6}", count: 300_001)
        #expect(" \(flags) \n".trimmed.utf8.count == flags.utf8.count)
        #expect(" \u{2003}a b\t".trimmed == "a b")
        #expect(" \n".trimmed.isEmpty)
    }

    @Test func `a name is measured before anything else is done with it`() {
        #expect(throws: DomainNameError.tooLong) { try DomainName(Self.hostile("\u{316}\u{301}")) }
        #expect(throws: DomainNameError.tooLong) { try DomainName(String(repeating: "a.", count: 1000)) }
    }

    private static func escaped(_ text: String) -> String {
        text.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
        }
        .joined()
    }
}
