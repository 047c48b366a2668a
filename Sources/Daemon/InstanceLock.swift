import CSystem
import Composition
import Glibc
import Model

/// A lock on the state folder against a second Landfall. The kernel releases it when the process ends.
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
                "another Landfall is running with \(folder); stop it, or set LANDFALL_STATE_DIR to another folder"
            )
        }
    }

    deinit {
        close(descriptor)
    }
}
