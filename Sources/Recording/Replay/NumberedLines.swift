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

    private let input: InputFile
    private var chunk: ArraySlice<UInt8>
    private var number = 0

    init(_ input: InputFile) {
        self.input = input
        chunk = input.beginning[...]
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
            guard line.count <= Self.limit else { throw RecordingError(input.path, line: number + 1, "is too long") }
            guard let more = try input.next() else {
                chunk = []
                return line.isEmpty ? nil : Line(number: number + 1, bytes: line, isComplete: false)
            }
            chunk = more[...]
        }
    }
}
