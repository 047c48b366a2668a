import Files

/// The lines of a file, one at a time, with their numbers.
struct NumberedLines {
    struct Line {
        let number: Int
        let bytes: [UInt8]
        /// False for a last line without its line feed.
        let isComplete: Bool
    }

    /// A blob holds at most a body of the engine.
    private static let limit = 256 << 20

    private let path: String
    private let chunks: FileChunks
    private var chunk: ArraySlice<UInt8> = []
    private var number = 0

    init(_ path: String) throws(RecordingError) {
        self.path = path
        do throws(FileError) { chunks = try FileChunks(path) } catch { throw RecordingError(error) }
    }

    /// Nil at the end; empty lines are passed over.
    mutating func next() throws(RecordingError) -> Line? {
        var line: [UInt8] = []
        while true {
            if let feed = chunk.firstIndex(of: UInt8(ascii: "\n")) {
                line += chunk[..<feed]
                chunk = chunk[(feed + 1)...]
                number += 1
                if line.isEmpty { continue }
                return Line(number: number, bytes: line, isComplete: true)
            }
            line += chunk
            guard line.count <= Self.limit else { throw RecordingError(path, line: number + 1, "is too long") }
            guard let more = try read() else {
                chunk = []
                return line.isEmpty ? nil : Line(number: number + 1, bytes: line, isComplete: false)
            }
            chunk = more[...]
        }
    }

    private func read() throws(RecordingError) -> [UInt8]? {
        do throws(FileError) { return try chunks.next() } catch { throw RecordingError(error) }
    }
}
