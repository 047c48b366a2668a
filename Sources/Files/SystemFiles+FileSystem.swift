import Glibc
package import Model
package import Ports
import System

/// Whether a file system does what certbot needs. Shares such as vfat and CIFS do not, and certbot would notice that only when
/// it stores what it has ordered.
extension SystemFiles {
    private static let mode: mode_t = 0o600

    package func tryFileSystem(of folder: String, for scope: Scope) throws(FileError) {
        let path = Self.temporary(beside: "\(folder)/.landfall.probe")
        let other = path + ".link"
        defer {
            unsafe unlink(path)
            unsafe unlink(other)
        }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, Self.mode)
        guard descriptor >= 0 else { throw .last(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fchmod(descriptor, Self.mode) == 0, unsafe fstat(descriptor, &status) == 0,
            status.st_mode & 0o777 == Self.mode
        else { throw Self.lack("does not keep a file's mode 0600, and private keys would be open to others", folder) }
        guard RecordLock.acquire(descriptor) else { throw Self.lack("has no record locks (fcntl)", folder) }
        guard unsafe symlink(path, other) == 0, linkTarget(other) == path else {
            throw Self.lack("has no symbolic links", folder)
        }
        // Over a file that is there, as certbot and Landfall replace one.
        guard unsafe Glibc.rename(path, other) == 0 else { throw Self.lack("does not rename files", folder) }
    }

    private static func lack(_ what: String, _ folder: String) -> FileError {
        .failed(folder, reason: "its file system \(what); certbot needs a local file system or NFS")
    }
}
