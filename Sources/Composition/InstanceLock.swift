package import Configuration
import Files
import Glibc
package import Model
import Ports
import System

/// A lock on the state folder against a second Landfall. The kernel releases it when the process ends.
package final class InstanceLock: Sendable {
    private let descriptor: Int32

    /// Creates the state folder if it is missing.
    package init(_ configuration: Configuration) throws(UserFacingError) {
        do throws(FileError) {
            try SystemFiles().makeDirectory(configuration.stateFolder, mode: 0o700, for: .run)
        } catch {
            throw UserFacingError("the state folder cannot be used: \(error); set LANDFALL_STATE_DIR to one that can")
        }
        let path = configuration.lockPath
        descriptor = openFile(path, O_RDWR | O_CREAT)
        guard descriptor >= 0 else { throw UserFacingError("\(path): \(systemErrorText(errno))") }
        guard RecordLock.acquire(descriptor) else {
            let code = errno
            close(descriptor)
            guard code == EACCES || code == EAGAIN else { throw UserFacingError("\(path): \(systemErrorText(code))") }
            throw UserFacingError(
                "another Landfall is running with \(configuration.stateFolder); stop it, or set LANDFALL_STATE_DIR to another folder"
            )
        }
    }

    deinit { close(descriptor) }
}
