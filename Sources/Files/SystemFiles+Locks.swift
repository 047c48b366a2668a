import Glibc
package import Model
package import Ports
import Synchronization
import System

extension SystemFiles {
    /// The locks that this process holds, by path. Each path is opened only once: closing another descriptor of a locked file
    /// would drop its lock (fcntl(2)).
    private static let locks = Mutex<[String: Int32]>([:])

    package func lock(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try Self.locks.withLock { locks throws(FileError) in
            guard locks[path] == nil else { return true }
            while true {
                let descriptor = openFile(path, O_CREAT | O_RDWR)
                guard descriptor >= 0 else { throw .failed(path, reason: systemErrorText(errno)) }
                guard RecordLock.acquire(descriptor) else {
                    let code = errno
                    close(descriptor)
                    guard code == EACCES || code == EAGAIN else {
                        throw .failed(path, reason: systemErrorText(code))
                    }
                    return false
                }
                if Self.isStill(descriptor, at: path) {
                    locks[path] = descriptor
                    return true
                }
                close(descriptor)
            }
        }
    }

    package func unlock(_ path: String, for scope: Scope) {
        Self.locks.withLock { locks in
            guard let descriptor = locks.removeValue(forKey: path) else { return }
            // The file is removed before it is closed, as certbot does, so that no process can lock a file that is about to vanish.
            unsafe unlink(path)
            close(descriptor)
        }
    }

    package func isLockedElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try Self.locks.withLock { locks throws(FileError) in
            guard locks[path] == nil else { return false }
            let descriptor = openFile(path, O_RDONLY)
            guard descriptor >= 0 else {
                guard errno != ENOENT else { return false }
                throw .failed(path, reason: systemErrorText(errno))
            }
            defer { close(descriptor) }
            return RecordLock.isHeldElsewhere(descriptor)
        }
    }

    /// Whether the path still names the opened file: the lock's last holder may have removed it before we locked it.
    private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return unsafe fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev
            && opened.st_ino == named.st_ino
    }
}
