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
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.error(path, isFinal: true) }
    }

    deinit {
        close(descriptor)
    }

    func append(_ lines: [UInt8]) throws(RecordingSinkError) {
        guard isReachable else { throw RecordingSinkError("\(path) is gone", isFinal: true) }
        var rest = lines[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let error = Self.error(path, isFinal: false)
                guard ftruncate(descriptor, size) == 0 else {
                    throw RecordingSinkError(error.description, isFinal: true)
                }
                throw error
            }
            rest = rest.dropFirst(count)
        }
        size += lines.count
    }

    /// Whether the file still has a name.
    private var isReachable: Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
    }

    private static func error(_ path: String, isFinal: Bool) -> RecordingSinkError {
        RecordingSinkError("\(path): \(systemErrorText(errno))", isFinal: isFinal)
    }
}
