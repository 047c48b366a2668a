import FoundationEssentials
import TestSupport
import Testing

/// The documentation's pages: their links, and the form that readers rely on.
@Suite struct DocumentPageTests {
    @Test(arguments: Page.all)
    func `what a page links to exists`(page: Page) throws {
        for link in try page.links where !link.contains("://") && !link.hasPrefix("mailto:") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target = parts[0].isEmpty ? page : Page(parts[0], relativeTo: page)
            #expect(target.exists, "\(page) links to \(link)")
            if parts.count == 2, target.exists, target.path.hasSuffix(".md") {
                #expect(try target.anchors.contains(parts[1]), "\(page) links to \(link)")
            }
        }
    }

    @Test(arguments: Page.all.filter { $0.path.hasPrefix("docs/design/") })
    func `a page about the design says first when to read it`(page: Page) throws {
        let lines = try page.text().split(separator: "\n")
        #expect(lines.first?.hasPrefix("# ") == true && lines.dropFirst().first?.hasPrefix("Read this when") == true)
    }

    @Test(arguments: [("README.md", 110), ("docs/architecture.md", 150)])
    func `a page that is read first is short`(path: String, limit: Int) throws {
        #expect(try Page(path).text().count { $0 == "\n" } <= limit)
    }
}

/// A page in Markdown, by its path in the repository.
struct Page: Sendable, CustomStringConvertible {
    let path: String

    init(_ path: String) { self.path = path }

    /// Resolves `..` in a link.
    init(_ link: String, relativeTo page: Page) {
        var parts = page.path.split(separator: "/").dropLast()
        for part in link.split(separator: "/") where part != "." {
            if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
        }
        path = parts.joined(separator: "/")
    }

    var description: String { path }

    static let all: [Page] = ["", "docs/", "docs/design/", "Fixtures/", "Fixtures/certbot-outputs/", ".github/"]
        .flatMap { folder in
            let names = try? FileManager.default.contentsOfDirectory(atPath: FixtureFile("../\(folder)").file)
            return (names ?? []).sorted().filter { $0.hasSuffix(".md") }.map { Page(folder + $0) }
        }

    var exists: Bool { FileManager.default.fileExists(atPath: FixtureFile("../\(path)").file) }

    func text() throws -> String { try FixtureFile("../\(path)").text() }

    /// The targets of `[words](target)`, `src="target"` and `srcset="target"`.
    var links: [String] {
        get throws {
            let text = try text()
            return text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
                + text.matches(of: /src(?:set)?="([^"]+)"/).map { String($0.output.1) }
        }
    }

    /// The headings, as links name them.
    var anchors: Set<String> {
        get throws {
            let headings = try text().split(separator: "\n").filter { $0.hasPrefix("#") }
            return Set(
                headings.map { heading in
                    let words = heading.drop { $0 == "#" }.dropFirst().lowercased()
                    return String(words.filter { $0.isLetter || $0.isNumber || " -_".contains($0) })
                        .replacing(" ", with: "-")
                }
            )
        }
    }
}
