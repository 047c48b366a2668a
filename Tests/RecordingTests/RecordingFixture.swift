import Discovery
import Files
import FoundationEssentials
import Log
import Model
import Ports
import TestSupport
@testable import Recording

/// A recording under way, into a folder of its own.
struct RecordingFixture {
    let folder: TemporaryFolder
    let clock = TestClock()
    let redactor: Redactor
    let journal: Journal
    let recorder: Recorder

    init(redactor: Redactor = Redactor(), header: Header = .plain) throws {
        self.redactor = redactor
        folder = try TemporaryFolder()
        let outlet = RecordingFolder(path: folder.path + "/recordings") { [clock] in clock.now }
        journal = try Journal(redactor: redactor, clock: clock, log: .silent, outlets: [outlet])
        recorder = Recorder(header, journal: journal)
    }

    var recordings: [String] { Self.files(in: folder.path + "/recordings") }

    /// All lines so far but the header, of the latest file.
    func lines() async throws -> [Line] {
        await journal.flush(within: .seconds(10))
        guard let path = recordings.last else { return [] }
        return try Self.lines(of: SystemFiles().read(path, limit: 64 << 20, for: .run)).filter {
            if case .header = $0 { false } else { true }
        }
    }

    func exchanges() async throws -> [Exchange] {
        try await lines().compactMap { if case .exchange(let exchange) = $0 { exchange } else { nil } }
    }

    static func lines(of bytes: [UInt8]) throws -> [Line] {
        try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Line.self, from: Data($0)) }
    }

    static func files(in folder: String) -> [String] {
        ((try? SystemFiles().list(folder, for: .run)) ?? []).map { "\(folder)/\($0)" }
    }
}

extension Header {
    static let plain = Header(
        version: "1",
        started: Timestamp(seconds: 1_795_485_783),
        beginning: "start-up",
        program: "/usr/bin/landfall",
        environment: [:],
        state: [:]
    )
}
