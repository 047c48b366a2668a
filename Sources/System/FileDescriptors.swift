import CSystem
import Glibc

/// Advisory record locks on whole files (fcntl(2)). A function that returns false has set `errno`, to EACCES or EAGAIN if
/// another process holds the lock.
package enum RecordLock {
    /// Acquires the lock for this process, as certbot does on its directories.
    package static func acquire(_ descriptor: Int32) -> Bool { landfall_record_lock(descriptor, 1) == 0 }

    package static func isHeldElsewhere(_ descriptor: Int32) -> Bool { landfall_record_lock(descriptor, 0) != 0 }

    /// Acquires a lock that belongs to the open file: children inherit it, and the last process with the descriptor holds it.
    package static func acquireInheritable(_ descriptor: Int32) -> Bool { landfall_heritable_lock(descriptor) == 0 }
}

/// Opens a file that is closed on exec; returns -1 with `errno` on failure.
package func openFile(_ path: String, _ flags: Int32, mode: UInt32 = 0o600) -> Int32 {
    unsafe open(path, flags | O_CLOEXEC, mode)
}

/// Makes a pipe that is closed on exec; returns nil with `errno` on failure.
package func makePipe() -> (readEnd: Int32, writeEnd: Int32)? {
    var descriptors: [Int32] = [-1, -1]
    guard unsafe landfall_pipe(&descriptors) == 0 else { return nil }
    return (descriptors[0], descriptors[1])
}

/// Makes a file without a name that only memory holds, closed on exec; returns -1 with `errno` on failure.
package func makeMemoryFile() -> Int32 { landfall_memory_file() }

/// Writes all bytes; returns false with `errno` on failure.
package func writeAll(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
    }
    return true
}

/// Writes a line in one call, so that the lines of several threads do not mix.
package func writeLine(_ line: String, to descriptor: Int32) {
    _ = writeAll((line + "\n").utf8, to: descriptor)
}

/// Whether the process may access a file in these ways: F_OK, R_OK, W_OK, X_OK.
package func canAccess(_ path: String, _ mode: Int32) -> Bool { unsafe access(path, mode) == 0 }

/// The target of a symbolic link; nil with `errno` if there is none.
package func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink(path, &buffer, buffer.count)
    return count >= 0 ? String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
}

/// The number of columns of the terminal at a descriptor; nil if it is not a terminal.
package func terminalWidth(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
}

package func removeFile(_ path: String) { unsafe unlink(path) }

/// How many names an open file has; nil with `errno` on failure.
package func linkCount(of descriptor: Int32) -> Int? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_nlink) : nil
}
