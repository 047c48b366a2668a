import Daemon
import Recording
import TestSupport
import Testing

/// One recording of `Fixtures/recordings`, and what is expected of it.
struct Scenario: Sendable, CustomStringConvertible {
    let name: String

    static let all = FixtureFile.all(in: folder).map(\.path).filter { $0.hasSuffix(suffix) }
        .map { Scenario(String($0.dropFirst(folder.count + 1).dropLast(suffix.count))) }

    /// Those with an expected text beside them.
    static let strict = all.filter { Set(FixtureFile.all(in: folder).map(\.path)).contains($0.expected) }

    init(_ name: String) { self.name = name }

    var description: String { name }

    /// Where it lies.
    var file: String { fixture.file }

    /// What `landfall replay` prints.
    var expectation: String {
        get throws { try FixtureFile(expected).text() }
    }

    /// Its lines, without their line feeds.
    var lines: [String] {
        get throws { try fixture.text().split(separator: "\n").map(String.init) }
    }

    var session: RecordedSession {
        get throws { try #require(try RecordedSession.all(in: InputFile(file)).first) }
    }

    func replay(_ changes: Replay.Changes = Replay.Changes()) throws -> Replay.Result {
        try Replay(session, changes).run()
    }

    private var expected: String { "\(Self.folder)/\(name).expected.txt" }

    private static let folder = "recordings"
    private static let suffix = ".ndjson"

    private var fixture: FixtureFile { FixtureFile("\(Self.folder)/\(name)\(Self.suffix)") }
}
