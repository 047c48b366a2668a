import Testing

@testable import Docker

@Suite struct LogFramesTests {
    private func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        let count = text.utf8.count
        return [stream, 0, 0, 0, 0, 0, UInt8(count >> 8), UInt8(count & 0xFF)] + Array(text.utf8)
    }

    @Test func `the lines of both outputs are read, however they were cut into frames`() {
        let log =
            frame(1, "one\ntw") + frame(2, "trouble\n") + frame(1, "o\n") + frame(1, String(repeating: "x", count: 300))
        let output = LogFrames.output(in: log)
        #expect(output.lines == ["one", "two", String(repeating: "x", count: 300)])
        #expect(output.errors == ["trouble"])
    }

    @Test func `what was cut off, or is no log, yields nothing and no crash`() {
        let log = frame(1, "one\n") + frame(1, "two\n")
        #expect(LogFrames.output(in: Array(log.dropLast())).lines == ["one"])
        #expect(LogFrames.output(in: []).lines == [])
        #expect(LogFrames.output(in: [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1]).lines == [])
        #expect(LogFrames.output(in: Array("<html>503</html>".utf8)).lines == [])
    }
}
