import FoundationEssentials

/// A file under `Fixtures/`, found from where this file lies.
package struct FixtureFile: Sendable, CustomStringConvertible {
    /// Relative to `Fixtures/`: `events/create.jsonl`.
    package let path: String

    package init(_ path: String) { self.path = path }

    package var description: String { path }

    /// All files of a folder, by name.
    package static func all(in folder: String) -> [FixtureFile] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
        return (names ?? []).sorted().map { FixtureFile("\(folder)/\($0)") }
    }

    /// Where it lies.
    package var file: String { "\(Self.root)/\(path)" }

    package func bytes() throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file) else { throw MissingFixture(path: file) }
        return [UInt8](data)
    }

    package func text() throws -> String { String(decoding: try bytes(), as: UTF8.self) }

    private static let root: String = {
        let repository = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(repository)/Fixtures"
    }()
}

struct MissingFixture: Error {
    let path: String
}
