import Testing

@testable import Docker

@Suite struct LogFramesTests {
    private func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        let count = text.utf8.count
        return [stream, 0, 0, 0, 0, 0, UInt8(count >> 8), UInt8(count & 0xFF)] + Array(text.utf8)
    }

    @Test func `lines of standard output are read, however they were cut into frames`() {
        let log =
            frame(1, "one\ntw") + frame(2, "trouble\n") + frame(1, "o\n") + frame(1, String(repeating: "x", count: 300))
        #expect(LogFrames.lines(in: log) == ["one", "two", String(repeating: "x", count: 300)])
    }

    @Test func `what was cut off, or is no log, yields nothing and no crash`() {
        let log = frame(1, "one\n") + frame(1, "two\n")
        #expect(LogFrames.lines(in: Array(log.dropLast())) == ["one"])
        #expect(LogFrames.lines(in: []) == [])
        #expect(LogFrames.lines(in: [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1]) == [])
        #expect(LogFrames.lines(in: Array("<html>503</html>".utf8)) == [])
    }
}
