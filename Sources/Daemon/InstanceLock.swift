import CSystem
import Glibc
import Model

/// Keeps a second Landfall off the same state folder. The kernel drops the lock with the process, however it ends.
final class InstanceLock: Sendable {
    private let descriptor: Int32

    init(folder: String) throws(UserFacingError) {
        let path = StatePaths(folder: folder).lock
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UserFacingError("\(path): \(systemErrorText(errno))") }
        guard landfall_record_lock(descriptor, 1) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EACCES || code == EAGAIN else { throw UserFacingError("\(path): \(systemErrorText(code))") }
            throw UserFacingError(
                "another Landfall is at work in \(folder); end it, or set LANDFALL_STATE_DIR to another folder"
            )
        }
    }

    deinit {
        close(descriptor)
    }
}

/// Why Landfall cannot begin; a sentence for the person who started it.
public struct UserFacingError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
