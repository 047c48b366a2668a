import Model
import Testing

@Suite struct LinkTests {
    private let link = "https://portal.example.org/unpause?jwt=" + String(repeating: "eyJhbGciOiJIUzI1NiJ9.", count: 20)

    @Test func `a limit cuts words, and never a link`() {
        let words = String(repeating: "word ", count: 60)
        #expect(sanitized("\(words)\(link) and more", limit: 100) == "\(words.prefix(100))… \(link)")
        #expect(sanitized("open \(link) now", limit: 20) == "open … \(link)")
        let once = sanitized("\(words)\(link)")
        #expect(sanitized(once) == once && sanitized(once, limit: 200).hasSuffix("… \(link)"))
        let early = sanitized("see https://a.test/x and \(words)", limit: 40)
        #expect(early == "see https://a.test/x and word word word …")
    }

    @Test func `what is refused of a label is cut, also if it is a link`() {
        let origin = Origin(kind: .service, id: "s1", name: "web")
        let refusal = Refusal(origin: origin, label: "landfall.host", value: link, reason: "no host name")
        #expect(refusal.value == "\(link.prefix(100))…")
    }

    @Test func `what is too long for a link is cut like words`() {
        let text = "https://example.org/" + String(repeating: "x", count: 3000)
        #expect(sanitized(text, limit: 100).unicodeScalars.count == 101)
        #expect(sanitized(text.dropFirst(5), limit: 100).unicodeScalars.count == 101)
    }
}
