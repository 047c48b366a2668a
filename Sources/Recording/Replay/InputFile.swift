import Files
import Model
package import Ports

/// A file to replay: a recording, or events of the engine as Docker prints them.
package final class InputFile {
    /// `-` is the standard input.
    package let path: String
    /// Whether it begins as a recording does.
    package let isRecording: Bool
    private let chunks: FileChunks
    /// The first chunk, until it is read.
    private var beginning: [UInt8]?

    package init(_ path: String) throws(RecordingError) {
        self.path = path
        do throws(FileError) {
            chunks = try FileChunks(path)
            beginning = try chunks.next()
        } catch {
            throw RecordingError(error)
        }
        isRecording = beginning?.starts(with: Array(#"{"recording":"#.utf8)) ?? false
    }

    /// The next chunk, or nil at the end.
    package func next() throws(RecordingError) -> [UInt8]? {
        if let beginning = beginning.take() { return beginning }
        do throws(FileError) { return try chunks.next() } catch { throw RecordingError(error) }
    }
}

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
    private var chunk: ArraySlice<UInt8> = []
    private var number = 0

    init(_ input: InputFile) { self.input = input }

    /// The next line that is not empty, or nil at the end.
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

/// Why a file cannot be replayed: which file, where in it, and what is wrong.
package struct RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ path: String, line: Int, _ reason: String) {
        description = "\(sanitized(path, limit: 200)): line \(line) \(reason)"
    }

    package init(_ path: String, _ reason: String) { description = "\(sanitized(path, limit: 200)) \(reason)" }

    package init(_ error: FileError) { description = sanitized(error.description) }
}
