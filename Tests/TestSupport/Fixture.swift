import FoundationEssentials

/// A file under `Fixtures/`, found from where this file lies.
public struct Fixture: Sendable, CustomStringConvertible {
    /// Relative to `Fixtures/`: `events/create.jsonl`.
    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    public var description: String { path }

    /// All files of a folder, by name.
    public static func all(in folder: String) -> [Fixture] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
        return (names ?? []).sorted().map { Fixture("\(folder)/\($0)") }
    }

    /// Where it lies.
    public var file: String { "\(Self.root)/\(path)" }

    public func bytes() throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file) else { throw MissingFixture(path: file) }
        return [UInt8](data)
    }

    public func text() throws -> String {
        String(decoding: try bytes(), as: UTF8.self)
    }

    private static let root: String = {
        let repository = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(repository)/Fixtures"
    }()
}

struct MissingFixture: Error {
    let path: String
}
