@testable import Declarations
import Testing

@Suite struct RuleParserTests {
    @Test(arguments: [
        ("Host(`a.test`)", "Host(`a.test`)"), ("A() && B() || C()", "(A() & B()) | C()"),
        ("A() && (B() || C())", "A() & (B() | C())"), ("!(A() || B())", "!A() & !B()"), ("!!A()", "A()"),
        ("A(\"\\x61\\u0062\\143\")", "A(`abc`)"), ("A(`x`,)", "A(`x`)"), ("A() // B()", "A()"),
        ("A() /* ) */ || B()", "A() | B()"),
        ("A() ||\n B()\n", "A() | B()"), ("((A()))", "A()"),
    ]) func `a rule is read`(text: String, expected: String) throws {
        #expect(try RuleParser.parse(text).text == expected)
    }

    @Test(arguments: [
        "", "A", "A(", "A(`x`", "A()B()", "A() | B()", "A() & B()", "A()\n|| B()", "(\nA()\n)", "A(x)", "A('x')",
        "A(1)",
        "A();B()", "A() # x", "\u{a0}A()", "A(\"\n\")", "A(\"\\q\")", "A(\"\\400\")", "A() ||", "&& A()", "()", "A(,)",
        "/* A()",
        "A() == B()", "a.b()", "Host(‘a.test’)", "A(\"\\x+1\")",
    ]) func `what Go refuses is refused`(text: String) {
        #expect(throws: RuleError.self) { try RuleParser.parse(text) }
    }

    @Test func `length and depth are bounded`() {
        let deep = String(repeating: "(", count: 5000) + "A()" + String(repeating: ")", count: 5000)
        #expect(throws: RuleError.self) { try RuleParser.parse(deep) }
        let long = Array(repeating: "Host(`a.example.test`)", count: 2000).joined(separator: " || ")
        #expect(throws: RuleError.self) { try RuleParser.parse(long) }
        let many = Array(repeating: "A()", count: 2000).joined(separator: "||")
        #expect(throws: Never.self) { try RuleParser.parse(many) }
        let negations = String(repeating: "!", count: 16_000) + "A()"
        #expect(throws: Never.self) { try RuleParser.parse(negations) }
    }
}

extension RuleTree {
    fileprivate var text: String {
        switch self {
        case .matcher(let matcher): matcher.text
        case .all(let parts): parts.map(\.inner).joined(separator: " & ")
        case .any(let parts): parts.map(\.inner).joined(separator: " | ")
        }
    }

    private var inner: String { if case .matcher(let matcher) = self { matcher.text } else { "(\(text))" } }
}

@Suite struct GoTemplateTests {
    private static let data = GoTemplate.Value.map([
        "Name": .text("web_app"), "Labels": .map(["a.b": .text("x")]), "Names": .list([.text("/web")]),
    ])

    private func text(_ template: String) throws(TemplateError) -> String {
        try GoTemplate.text(of: template, Self.data, environment: ["DOMAIN": "example.test"])
    }

    @Test(arguments: [
        ("plain", "plain"), ("{{ .Name }}", "web_app"), ("{{ normalize .Name }}.x", "web-app.x"),
        ("{{ index .Labels \"a.b\" }}", "x"), ("{{index .Names 0}}", "/web"), ("a {{- 1 -}} b", "a1b"),
        ("{{ env \"DOMAIN\" | upper }}", "EXAMPLE.TEST"), ("{{/* none */}}x", "x"),
        ("{{ if eq .Name \"web_app\" }}y{{ else }}n{{ end }}", "y"), ("{{ with .Name }}{{ . }}{{ end }}", "web_app"),
        ("{{ range $i, $h := list \"a\" \"b\" }}{{ $i }}{{ $h }}{{ end }}", "0a1b"),
        ("{{ $x := \"1\" }}{{ range list \"a\" }}{{ $x = . }}{{ end }}{{ $x }}", "a"),
        ("{{ printf \"%s-%d\" .Name 3 }}", "web_app-3"), ("{{ (index .Names 0) | trimPrefix \"/\" }}", "web"),
        ("{{ if false }}a{{ else if true }}b{{ else }}c{{ end }}", "b"), ("{{ default \"d\" \"\" }}", "d"),
    ]) func `a template is carried out`(template: String, expected: String) throws {
        #expect(try text(template) == expected)
    }

    @Test(arguments: [
        "{{ .Broken", "{{ .Missing }}", "{{ end }}", "{{ if true }}", "{{ env \"OTHER\" }}", "{{ nosuch 1 }}",
        "{{ $x }}", "{{ }}{{|}}",
        "{{ define \"x\" }}{{ end }}", "{{ \"a }}", "{{ range 3 }}{{ end }}", "{{ (1 }}",
        "{{ range list 1 2 3 4 5 6 7 8 9 0 }}{{ range list 1 2 3 4 5 6 7 8 9 0 }}{{ range list 1 2 3 4 5 6 7 8 9 0 }}"
            + "{{ range list 1 2 3 4 5 6 7 8 9 0 }}{{ range list 1 2 3 4 5 6 7 8 9 0 }}{{ range list 1 2 3 4 5 6 7 8 9 0 }}x"
            + "{{ end }}{{ end }}{{ end }}{{ end }}{{ end }}{{ end }}",
    ]) func `what cannot be carried out is told`(template: String) {
        #expect(throws: TemplateError.self) { try text(template) }
    }
}

@Suite struct DocumentReaderTests {
    private func read(_ text: String, _ format: DocumentReader.Format = .yaml) throws -> Node {
        try DocumentReader.read(Array(text.utf8), format)
    }

    @Test func `YAML is read, with aliases, merges and only the first document`() throws {
        let node = try read("a: &x {b: 1, c: [d, \"~\"]}\ne: {<<: *x, b: 2}\nf: ~\n---\ng: 1\n")
        #expect(node["a", "c"]?.texts == ["d", "~"])
        #expect(node["e", "b"]?.text == "2" && node["e", "c"]?.items.count == 2)
        #expect(node["f"]?.kind == .empty && node["g"] == nil)
    }

    @Test func `TOML is read`() throws {
        let node = try read("[a.b]\nc = \"d\"\ne = [1, true]\n[[f]]\ng = 'h'\n", .toml)
        #expect(node["a", "b", "c"]?.text == "d" && node["a", "b", "e"]?.texts == ["1", "true"])
        #expect(node["f"]?.items.first?["g"]?.text == "h")
    }

    @Test(arguments: [
        "a: [", "a: *x", "a: 1\na: 2", "{a: 1", "? [a]\n: b", "a: &x [*x]", "\t: x", "a: \"",
        String(repeating: "[", count: 10_000),
    ]) func `what is no YAML is refused`(text: String) {
        #expect(throws: DocumentError.self) { try read(text) }
    }

    @Test(arguments: ["a = ", "[a", "a = 1\na = 2", "a = \"\n\""]) func `what is no TOML is refused`(text: String) {
        #expect(throws: DocumentError.self) { try read(text, .toml) }
    }

    @Test func `aliases cannot blow up`() {
        let names = Array("abcdefghij").map(String.init)
        var text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (last, next) in zip(names, names.dropFirst()) {
            text += "\(next): &\(next) [\(Array(repeating: "*\(last)", count: 10).joined(separator: ", "))]\n"
        }
        #expect(throws: DocumentError.self) { try read(text) }
    }

    @Test func `what is no UTF-8 is refused`() {
        #expect(throws: DocumentError.self) { try DocumentReader.read([0x61, 0x3A, 0xFF], .yaml) }
    }
}
