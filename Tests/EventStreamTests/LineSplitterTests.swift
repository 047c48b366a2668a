import EventStream
import Testing

@Suite struct LineSplitterTests {
    private func lines(_ chunks: [String], limit: Int = 100) -> (lines: [String], skipped: Int) {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        for chunk in chunks {
            unsafe splitter.split(Array(chunk.utf8)) { unsafe lines.append(String(decoding: $0, as: UTF8.self)) }
        }
        return (lines, splitter.skipped)
    }

    @Test(arguments: [
        (["a\nb\n"], ["a", "b"]), (["a", "b", "\n"], ["ab"]), (["a\r\n\r\n\nb\r", "\n"], ["a", "b"]),
        (["\u{1E}a\n\u{1E}b\n"], ["a", "b"]), (["half a line"], []), (["", "\n", ""], []),
    ])
    func `a body is cut at its line feeds, wherever its chunks end`(chunks: [String], expected: [String]) {
        #expect(lines(chunks).lines == expected)
    }

    @Test(arguments: [["12345\n123456\n", "7\n"], ["12345\n1234", "56", "789", "\n7\n"]])
    func `a line beyond the limit is skipped and counted, and the next one is read`(chunks: [String]) {
        let (lines, skipped) = lines(chunks, limit: 5)
        #expect(lines == ["12345", "7"])
        #expect(skipped == 1)
    }
}
