@testable import Daemon
import FoundationEssentials
import Model
import Ports
@testable import Recording
import TestSupport
import Testing

/// Recordings, which anybody may have made.
extension FuzzTests {
    private static func lines(_ name: String) throws -> [[UInt8]] {
        try FixtureFile("recordings/\(name).ndjson").bytes().split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    /// Some lines of every kind, and one that no recording of a usual run has.
    private static func linesOfEachKind() throws -> [[UInt8]] {
        let all = try ["removal", "plain-engine", "certbot-failure", "rate-limit"].flatMap(lines).filter {
            $0.count < 4096
        }
        let kinds = Dictionary(grouping: all) { line in
            // `{"exchange":{"answer":{"failure":{"missing"`: each port has its own.
            let text = String(decoding: line, as: UTF8.self)
            let port = text.firstRange(of: #""port":""#).map { text[$0.upperBound...].prefix { $0 != "\"" } } ?? ""
            return text.prefix(40).split(separator: "\"").filter { $0.first?.isLetter == true }.joined() + port
        }
        let some = kinds.sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.count < $1.count }.prefix(2) }
        let rare = Corpus.bytes(
            #"{"clock":{"at":5000000000,"by":-86400000000000}}"#,
            #"{"gap":{"at":1,"reason":"it could not keep up"}}"#,
            """
            {"exchange":{"answer":{"failure":{"timedOut":{"after":[0,5000000000000000000]}}},"at":1,"n":1,"port":"http",\
            "request":"GET http://docker/v1.41/info","scope":"engine","took":5}}
            """,
            #"{"exchange":{"answer":{"value":0.25},"at":1,"n":1,"port":"random","request":"fraction","scope":"engine","took":5}}"#,
            #"{"arrival":{"at":1,"content":{"request":{"reason":"asked for by hand","confirmation":"1a2b"}}}}"#,
            #"{"stream":{"at":1,"content":{"failed":{"error":{"broken":{"reason":"reset"}}},"stream":1},"stream":1}}"#
        )
        return some + rare
    }

    private static func sessions(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> [RecordedSession] {
        let path = "\(folder.path)/recording.ndjson"
        try Data(bytes).write(to: URL(filePath: path))
        return try RecordedSession.all(in: try InputFile(path))
    }

    @Test func `whatever a line of a recording holds, it is read and shown, or rejected`() async throws {
        let folder = try TemporaryFolder()
        let beginning = """
            {"recording":{"beginning":"start-up","environment":{},"format":2,"program":"/landfall","started":\
            "2026-11-29T17:45:47.180445420Z","state":{},"version":"0.1.0"}}
            {"decision":{"at":1,"content":{"began":{"cause":{"kinds":["start-up"],"reasons":["start-up"],"triggers":1,"waited":0}}}}}

            """
        try await fuzz("lines of recordings", try Self.linesOfEachKind()) { input in
            let bytes = Array(beginning.utf8) + input.bytes + [UInt8(ascii: "\n")]
            for session in try Self.sessions(bytes, in: folder) { try Self.check(session) }
            return true
        }
    }

    private static func check(_ session: RecordedSession) throws {
        try require(session.length >= 0 && session.length <= 2 * 3660 * 86_400 * 1_000_000_000, "\(session.length)")
        for exchange in session.exchanges {
            _ = exchange.answer(HTTPResponse.self, TransportError.self, blobs: session.blobs)
            _ = exchange.answer(FileInformation.self, FileError.self, blobs: session.blobs)
            _ = exchange.answer(ProcessResult.self, ProcessError.self, blobs: session.blobs)
            _ = exchange.answer(DNSAnswer.self, DNSQueryError.self, blobs: session.blobs)
        }
        for event in session.engineEvents { try requireLine(event.text, limit: 600, "an event") }
        _ = session.parts { _ in "service remove web" }
        for language in SequenceDiagram.Language.allCases {
            let diagram = SequenceDiagram(of: [session], run: nil, in: language)?.description ?? ""
            for line in diagram.split(separator: "\n") { try requireLine(String(line), "a line of a diagram") }
        }
    }

    /// A replay takes milliseconds, so fewer are tried.
    @Test func `whatever a recording holds, its replay ends`() async throws {
        let folder = try TemporaryFolder()
        let seeds = try ["removal", "rate-limit", "image-update", "asked-by-hand"].map { name in
            try FixtureFile("recordings/\(name).ndjson").bytes()
        }
        let random = Array(
            (#"{"exchange":{"answer":{"value":0.25},"at":1,"n":1,"port":"random","request":"fraction","scope":"engine","took":5}}"#
                + "\n").utf8
        )
        try await fuzz("replays", seeds.map { $0 + random }, share: 3) { input in
            for session in try Self.sessions(input.bytes, in: folder) {
                let result = try Replay(session).run()
                let runs = result.timeline.items.count { $0.kind == .run }
                try require(runs <= 2 * max(1, session.runs.count), "\(runs) runs of \(session.runs.count)")
                for line in result.timeline.description.split(separator: "\n") {
                    try requireLine(String(line), limit: .max, "a line of the timeline")
                }
            }
            return true
        }
    }
}
