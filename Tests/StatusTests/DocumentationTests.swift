@testable import Status
import TestSupport
import Testing

@Suite struct DocumentationTests {
    @Test func `docs/status.md tells of every metric, and of none that there is not`() throws {
        let board = Sample.board()
        board.play(Sample.report())
        let exported = Metrics(board.figures).description.split(separator: "\n").compactMap { line in
            line.hasPrefix("# TYPE ") ? line.split(separator: " ")[2] : nil
        }
        let page = try Fixture("../docs/status.md").text()
        let section = try #require(page.firstRange(of: "## Metrics"))
        let told = page[section.upperBound...].split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { line in
            line.split(separator: "|")[0].split(separator: "`").filter { $0.contains("_") }
        }
        #expect(told.sorted() == exported.sorted())
    }
}
