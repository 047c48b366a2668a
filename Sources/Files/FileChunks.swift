import Glibc
import Model
package import Ports

/// Reads a file of any length chunk by chunk.
package final class FileChunks: Sendable {
    private let path: String
    private let descriptor: Int32

    /// - Parameter path: `-` is the standard input.
    package init(_ path: String) throws(FileError) {
        self.path = path
        descriptor = path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last(path) }
    }

    deinit { close(descriptor) }

    /// Returns the next chunk, or nil at the end.
    package func next(size: Int = 256 << 10) throws(FileError) -> [UInt8]? {
        var count = -1
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            repeat { unsafe count = Glibc.read(descriptor, buffer.baseAddress, size) } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        guard count >= 0 else { throw .last(path) }
        return count == 0 ? nil : chunk
    }
}
