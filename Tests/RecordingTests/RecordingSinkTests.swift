import Files
import Glibc
import Model
import Ports
import TestSupport
import Testing
@testable import Recording

@Suite struct RecordingSinkTests {
    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let files = SystemFiles()
    private let line = Array("{\"x\":1}\n".utf8)

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path + "/recordings" }

    private func recordingFolder() -> RecordingFolder {
        RecordingFolder(path: path) { [clock] in
            clock.advance(by: .seconds(1))
            return clock.now
        }
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test func `only the owner can read the folder and its files`() throws {
        let sink = recordingFolder()
        try sink.begin(line)
        try sink.write(line)
        let file = try #require(RecordingFixture.files(in: path).first)
        #expect(mode(path) == 0o700 && mode(file) == 0o600)
        #expect(try files.read(file, limit: 100, for: .run) == line + line)
    }

    @Test func `only the oldest segments are removed, and no other files`() throws {
        try files.makeDirectory(path, mode: 0o700, for: .run)
        for name in ["notes.ndjson", "2026-11-24.ndjson", "readme"] {
            try files.write(line, to: "\(path)/\(name)", mode: 0o600, for: .run)
        }
        let sink = recordingFolder()
        for _ in 0..<12 { try sink.begin(line) }
        #expect(RecordingFixture.files(in: path).count == 8 + 3)
        let large = [UInt8](repeating: 10, count: RecordingFolder.segmentLimit - 100)
        for _ in 0..<8 {
            try sink.begin(line)
            try sink.write(large)
        }
        let sizes = try RecordingFixture.files(in: path).map { try files.information($0, for: .run).size }
        #expect(sizes.reduce(0, +) <= RecordingFolder.sizeLimit && sizes.count == 4 + 3)
    }

    @Test func `a segment without an idle moment is paused at its limit`() throws {
        let sink = recordingFolder()
        try sink.begin(line)
        try sink.write([UInt8](repeating: 10, count: RecordingFolder.segmentSize))
        #expect(sink.isFull)
        #expect(throws: RecordingSinkError.self) {
            try sink.write([UInt8](repeating: 10, count: RecordingFolder.segmentSize))
        }
        sink.pause(line)
        #expect(throws: RecordingSinkError.self) { try sink.write(line) }
        try sink.begin(line)
        try sink.write(line)
        #expect(RecordingFixture.files(in: path).count == 2)
    }

    @Test func `a folder that is removed is noticed, and created again for the next session`() throws {
        let sink = recordingFolder()
        try sink.begin(line)
        try files.remove(path, for: .run)
        #expect(throws: RecordingSinkError.self) { try sink.write(line) }
        try sink.begin(line)
        #expect(RecordingFixture.files(in: path).count == 1)
    }

    @Test func `an existing file is refused`() throws {
        try files.write(line, to: folder.path + "/f", mode: 0o644, for: .run)
        #expect(throws: RecordingSinkError.self) { try RecordingFile(path: folder.path + "/f", limit: 100) }
        #expect(try files.read(folder.path + "/f", limit: 100, for: .run) == line)
    }

    @Test func `a file ends with the last line that fits`() throws {
        let file = try RecordingFile(path: folder.path + "/f", limit: 20)
        try file.begin(line)
        #expect(throws: RecordingSinkError.self) { try file.write(line + line) }
        #expect(file.isOver && file.size == 16)
        #expect(throws: RecordingSinkError.self) { try file.write(line) }
        #expect(file.size == 16)
    }

    @Test func `a client gets the lines, waits for more, and learns the end`() async throws {
        let tap = StreamingSink(clock: clock)
        try tap.begin(line)
        #expect(await tap.fetch(waiting: .seconds(10)) == line)
        async let more = tap.fetch(waiting: .seconds(10))
        await clock.sleepers(1)
        try tap.write(line)
        #expect(await more == line)
        async let nothing = tap.fetch(waiting: .seconds(10))
        await clock.sleepers(1)
        clock.advance(by: .seconds(10))
        #expect(await nothing == [])
        tap.end()
        #expect(await tap.fetch(waiting: .seconds(10)) == nil)
        #expect(tap.isEndDelivered)
    }

    @Test func `a client that fetches nothing loses lines, and after a minute the recording`() throws {
        let tap = StreamingSink(clock: clock)
        try tap.begin(line)
        #expect(throws: RecordingSinkError.self) { try tap.write([UInt8](repeating: 10, count: 8 << 20)) }
        #expect(!tap.isOver)
        clock.advance(by: .seconds(61))
        #expect(tap.isOver)
    }
}
