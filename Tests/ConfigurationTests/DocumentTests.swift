import Configuration
import TestSupport
import Testing

/// What is made from the table of variables; `make documents` makes it anew.
@Suite struct DocumentTests {
    @Test func `the example of an environment is the table's`() throws {
        #expect(try FixtureFile("../deploy/env.example").text() == Variable.environmentFile)
    }

    @Test func `the page of the configuration is the table's`() throws {
        #expect(try FixtureFile("../docs/configuration.md").text() == Variable.page)
    }

    @Test func `every variable is in both`() {
        for variable in Variable.all {
            #expect(Variable.environmentFile.contains("\n#\(variable.name)="))
            #expect(Variable.page.contains("\n| `\(variable.name)` | "))
        }
    }
}
