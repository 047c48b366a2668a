@testable import Status
import TestSupport
import Testing

@Suite struct DocumentationTests {
    @Test func `docs/status.md describes every metric and no others`() throws {
        let page = try FixtureFile("../docs/status.md").text()
        let section = try #require(page.firstRange(of: "## Metrics"))
        let told = page[section.upperBound...].split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { line in
            line.split(separator: "|")[0].split(separator: "`").filter { $0.contains("_") }
        }
        #expect(told.map(String.init).sorted() == exported.sorted())
    }

    @Test(arguments: ["grafana/dashboard.json", "prometheus/landfall.rules.yml"])
    func `examples ask for no metric that there is not`(file: String) throws {
        let text = try FixtureFile("../deploy/examples/\(file)").text()
        let asked = text.matches(of: /landfall_[a-z_]+[a-z]/).map { match in
            let name = String(match.output)
            // A histogram's samples.
            return ["_bucket", "_sum", "_count"].first(where: name.hasSuffix).map { String(name.dropLast($0.count)) }
                ?? name
        }
        #expect(!asked.isEmpty && Set(asked).subtracting(exported).sorted() == [])
    }

    private var exported: [String] {
        let board = Sample.board()
        board.play(Sample.report())
        return Metrics(board.metrics).description.split(separator: "\n").compactMap { line in
            line.hasPrefix("# TYPE ") ? String(line.split(separator: " ")[2]) : nil
        }
    }
}
