import Model
import Testing

@Suite struct DomainNameTests {
    @Test(arguments: [
        ("Hello.Example.TEST.", "hello.example.test"), ("*.example.test", "*.example.test"),
        ("bücher.example", "xn--bcher-kva.example"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a-b.c0.test", "a-b.c0.test"), ("hello", "hello"),
    ])
    func `a good name is normalised`(input: String, expected: String) throws {
        #expect(try DomainName(input).text == expected)
    }

    @Test(arguments: [
        ("", DomainNameError.empty), (".", .empty), ("a..b", .emptyLabel), ("--config=x", .character("=")),
        ("a b", .character(" ")), ("../../x", .character("/")), ("$(id)", .character("$")),
        ("a_b.test", .character("_")),
        ("me@example.test", .email), ("https://example.test", .url), ("a.*.test", .misplacedWildcard),
        ("*", .misplacedWildcard), ("-a.test", .hyphen("-a")), ("a-.test", .hyphen("a-")), ("192.168.1.10", .address),
        ("a\nb", .character("\n")), ("xn--a.test", .notIDNA), ("*.*.test", .misplacedWildcard),
        (String(repeating: "a", count: 64) + ".test", .labelTooLong(String(repeating: "a", count: 64))),
        ([String](repeating: "abcdefg", count: 32).joined(separator: "."), .tooLong),
    ])
    func `a bad name is refused with its reason`(input: String, reason: DomainNameError) {
        #expect(throws: reason) { try DomainName(input) }
    }

    /// A capital letter keeps a text off the short way.
    @Test func `the short way for names in their normal form decides as the long one`() {
        let parts = ["a", "0", "-", ".", "xn--", String(repeating: "a", count: 62)]
        var texts = [""]
        for _ in 1...5 { texts = texts.flatMap { text in [text] + parts.map { text + $0 } } }
        for text in Set(texts) {
            let (short, long) = (try? DomainName(text), try? DomainName(text.uppercased()))
            #expect(short == long, "\(text)")
        }
    }

    /// IDNA maps these to ASCII, after a first look at the text has found nothing.
    @Test(arguments: [
        ("evil.org，x.example.test", DomainNameError.character(",")), ("a；b.test", .character(";")),
        ("＄（id）.example.test", .character("$")), ("foo.＊.example.test", .misplacedWildcard),
        ("＊.example.test", .misplacedWildcard), ("me＠example.test", .email), ("a＆b＝c.test", .character("&")),
        ("a\u{A0}b.test", .character(" ")), ("a／b.test", .character("/")), ("a＃b.test", .character("#")),
        ("１９２.１６８.１.１０", .address), ("a。。b.test", .emptyLabel),
    ])
    func `a full-width disguise is seen through`(input: String, reason: DomainNameError) {
        #expect(throws: reason) { try DomainName(input) }
    }

    @Test func `whatever is accepted is letters, digits and hyphens`() {
        for value in UInt32(0x80)...0xFFFF {
            guard let scalar = Unicode.Scalar(value), let name = try? DomainName("a\(scalar)b.test") else { continue }
            #expect(
                name.text.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-.".utf8.contains($0) },
                "\(value)"
            )
        }
    }

    @Test func `containment compares whole labels`() throws {
        let zone = try DomainName("example.test")
        #expect(try DomainName("a.example.test").isWithin(zone))
        #expect(try DomainName("*.example.test").isWithin(zone))
        #expect(zone.isWithin(zone))
        #expect(try !DomainName("notexample.test").isWithin(zone))
    }

    @Test func `a wildcard covers exactly one label`() throws {
        let wildcard = try DomainName("*.example.test")
        #expect(try wildcard.covers(DomainName("a.example.test")))
        #expect(try !wildcard.covers(DomainName("a.b.example.test")))
        #expect(try !wildcard.covers(DomainName("example.test")))
    }
}
