import System
import Glibc
import Model

/// A new file of lines that only its owner can read. After a failed write it ends with the last whole line.
final class SegmentFile {
    let path: String
    private let descriptor: Int32
    private(set) var size = 0

    /// Creates the file, which must not exist yet.
    init(path: String) throws(RecordingSinkError) {
        self.path = path
        descriptor = openFile(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND)
        guard descriptor >= 0 else { throw Self.error(path, isFinal: true) }
    }

    deinit { close(descriptor) }

    func append(_ lines: [UInt8]) throws(RecordingSinkError) {
        guard isReachable else { throw RecordingSinkError("\(path) is gone", isFinal: true) }
        guard writeAll(lines, to: descriptor) else {
            let error = Self.error(path, isFinal: false)
            guard ftruncate(descriptor, size) == 0 else {
                throw RecordingSinkError(error.description, isFinal: true)
            }
            throw error
        }
        size += lines.count
    }

    /// Whether the file still has a name.
    private var isReachable: Bool {
        linkCount(of: descriptor).map { $0 > 0 } ?? false
    }

    private static func error(_ path: String, isFinal: Bool) -> RecordingSinkError {
        RecordingSinkError("\(path): \(systemErrorText(errno))", isFinal: isFinal)
    }
}
