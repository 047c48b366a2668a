import Composition
import Glibc
import Model
import System

/// A lock on the state folder against a second Landfall. The kernel releases it when the process ends.
final class InstanceLock: Sendable {
    private let descriptor: Int32

    init(folder: String) throws(UserFacingError) {
        let path = StatePaths(folder: folder).lock
        descriptor = openFile(path, O_RDWR | O_CREAT)
        guard descriptor >= 0 else { throw UserFacingError("\(path): \(systemErrorText(errno))") }
        guard RecordLock.acquire(descriptor) else {
            let code = errno
            close(descriptor)
            guard code == EACCES || code == EAGAIN else { throw UserFacingError("\(path): \(systemErrorText(code))") }
            throw UserFacingError(
                "another Landfall is running with \(folder); stop it, or set LANDFALL_STATE_DIR to another folder"
            )
        }
    }

    deinit { close(descriptor) }
}
