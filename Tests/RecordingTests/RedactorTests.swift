import FoundationEssentials
@testable import Recording
import Testing

@Suite struct RedactorTests {
    private static let secret = #"tok/en&"ö\<1234567890>"#

    private func redactor(_ secrets: String...) -> Redactor {
        let redactor = Redactor()
        for secret in secrets { redactor.hide(secret, replacement: "NOTHING") }
        return redactor
    }

    private func redacted(_ text: String, _ redactor: Redactor) -> String {
        String(decoding: redactor.redacted(Array(text.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        secret,
        #"tok/en&\"ö\\<1234567890>"#,
        #"tok\/en&\"ö\\<1234567890>"#,
        #"tok/en\u0026\"ö\\\u003c1234567890\u003e"#,
        "tok%2Fen%26%22%C3%B6%5C%3C1234567890%3E",
        "tok%2fen%26%22%c3%b6%5c%3c1234567890%3e",
        #"tok/en&amp;"ö\&lt;1234567890&gt;"#,
    ])
    func `a secret is found in every form`(form: String) throws {
        let redactor = redactor(Self.secret)
        #expect(redacted("before \(form) after \(form)", redactor) == "before NOTHING after NOTHING")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        let line = [UInt8](try encoder.encode(["text": "before \(form)\nafter"]))
        let decoded = try JSONDecoder().decode([String: String].self, from: Data(redactor.redacted(line: line)))
        #expect(decoded == ["text": "before NOTHING\nafter"])
    }

    @Test func `the beginning of a secret that was cut is replaced from eight bytes on`() {
        let redactor = redactor("abcdefghijklmnop")
        #expect(redacted("x abcdefghijklmn", redactor) == "x NOTHING")
        #expect(redacted("x abcdefgh…", redactor) == "x NOTHING…")
        #expect(redacted("x abcdefg…", redactor) == "x abcdefg…")
    }

    @Test func `a replacement leaves whole characters and whole escapes`() throws {
        let redactor = redactor(#"abcdefghö"x"#)
        let texts = ["abcdefghü", "abcdefghö\\", "abcdefghö\"", "abcdefgh"]
        for text in texts {
            let line = redactor.redacted(line: [UInt8](try JSONEncoder().encode([text])))
            let decoded = try JSONDecoder().decode([String].self, from: Data(line))
            #expect(decoded[0].hasPrefix("NOTHING") && decoded[0].utf8.count <= "NOTHINGü".utf8.count, "\(text)")
        }
    }

    @Test func `an escape before a secret is kept`() throws {
        let redactor = redactor("nabcdefgh")
        let line = [UInt8](try JSONEncoder().encode(["\nabcdefgh", "\\nabcdefgh"]))
        let decoded = try JSONDecoder().decode([String].self, from: Data(redactor.redacted(line: line)))
        #expect(decoded == ["\nabcdefgh", "\\NOTHING"])
    }

    @Test func `of a web address, its path and the long words in it are secrets, its host is not`() {
        let redactor = redactor("https://hooks.example.org/services/T01/B02/abcdefghijklmnopqrstuvwx")
        let texts = [
            "https://hooks.example.org/services/T01/B02/abcdefghijklmnopqrstuvwx": "NOTHING",
            "POST /services/T01/B02/abcdefghijklmnopqrstuvwx": "POST /redacted",
            "the word abcdefghijklmnopqrstuvwx": "the word redacted",
            "https://hooks.example.org/other": "https://hooks.example.org/other",
            "GET /services": "GET /services",
            "https://hooks.example.org/services/T0": "NOTHING",
        ]
        for (text, wanted) in texts { #expect(redacted(text, redactor) == wanted) }
    }

    @Test func `of secrets that begin alike, the longest counts`() {
        let redactor = Redactor()
        redactor.hide("abcdefgh", replacement: "SHORT")
        redactor.hide("abcdefghijkl", replacement: "LONG")
        #expect(redacted("abcdefghijkl abcdefgh", redactor) == "LONG SHORT")
    }

    @Test func `tokens are hidden as soon as they are drawn, and the oldest are forgotten`() {
        let redactor = Redactor()
        for number in 0...1024 { redactor.hide(token: "token-of-number-\(number).") }
        #expect(redacted("token-of-number-1024.", redactor) == "redacted-token")
        #expect(redacted("token-of-number-1.", redactor) == "redacted-token")
        // Its beginning is still that of others.
        #expect(redacted("token-of-number-0.", redactor) == "redacted-token0.")
    }

    @Test func `bytes that are not text are searched too`() {
        let redactor = redactor("abcdefghij")
        let bytes: [UInt8] = [0xFF, 0x00] + Array("abcdefghij".utf8) + [0x80, 0xFE]
        #expect(redactor.redacted(bytes) == [0xFF, 0x00] + Array("NOTHING".utf8) + [0x80, 0xFE])
    }
}
