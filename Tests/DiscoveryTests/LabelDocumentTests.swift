@testable import Discovery
import TestSupport
import Testing

@Suite struct LabelDocumentTests {
    @Test func `docs/labels.md has a row for every label, and for no other`() throws {
        let page = try FixtureFile("../docs/labels.md").text()
        let table = page.split(separator: "\n## ").first ?? ""
        let rows = table.matches(of: /\n\| `(landfall\.[a-z.]+)` \|/).map { String($0.output.1) }
        #expect(rows.sorted() == LabelKey.allCases.map(\.rawValue).sorted())
    }

    @Test func `the man page names every label`() throws {
        let page = try FixtureFile("../deploy/landfall.1").text()
        for label in LabelKey.allCases { #expect(page.contains(label.rawValue)) }
    }
}
