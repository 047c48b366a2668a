import Files
import Ports

/// A file that somebody wants to see replayed: a recording, or the engine's events as they are.
public struct InputFile: Sendable {
    /// `-` is the standard input.
    public let path: String
    /// The first piece, read already.
    let beginning: [UInt8]
    private let chunks: FileChunks

    public init(_ path: String) throws(RecordingError) {
        self.path = path
        do throws(FileError) {
            chunks = try FileChunks(path)
            beginning = try chunks.next() ?? []
        } catch {
            throw RecordingError(error)
        }
    }

    /// Whether it begins as a recording does.
    public var isRecording: Bool { beginning.starts(with: Array(#"{"recording":"#.utf8)) }

    /// What follows the beginning, a piece at a time; nil at the end.
    func next() throws(RecordingError) -> [UInt8]? {
        do throws(FileError) { return try chunks.next() } catch { throw RecordingError(error) }
    }
}
