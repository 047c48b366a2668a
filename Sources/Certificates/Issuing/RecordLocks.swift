import CSystem
import Glibc
public import Model
public import Ports
import Synchronization

/// The port to advisory record locks, such as certbot takes on its directories. They exclude other processes, never the one
/// that holds them.
public protocol RecordLocks: Sendable {
    /// Takes the lock on a file, making the file; false when another process holds it.
    func take(_ path: String, for scope: Scope) throws(FileError) -> Bool
    /// Gives back a lock taken before, and removes its file.
    func release(_ path: String, for scope: Scope)
    func isHeldElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool
}

public final class SystemRecordLocks: RecordLocks {
    /// Closing any other descriptor of a locked file would drop the lock (fcntl(2)): each path is opened once.
    private let held = Mutex<[String: Int32]>([:])

    public init() {}

    public func take(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try held.withLock { held throws(FileError) in
            guard held[path] == nil else { return true }
            while true {
                let descriptor = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
                guard descriptor >= 0 else { throw .failed(path, reason: systemErrorText(errno)) }
                guard landfall_record_lock(descriptor, 1) == 0 else {
                    let code = errno
                    close(descriptor)
                    guard code == EACCES || code == EAGAIN else {
                        throw .failed(path, reason: systemErrorText(code))
                    }
                    return false
                }
                if Self.isStill(descriptor, at: path) {
                    held[path] = descriptor
                    return true
                }
                close(descriptor)
            }
        }
    }

    public func release(_ path: String, for scope: Scope) {
        held.withLock { held in
            guard let descriptor = held.removeValue(forKey: path) else { return }
            // Removed before it is closed, as certbot does: nobody can lock a file that is about to vanish.
            unsafe unlink(path)
            close(descriptor)
        }
    }

    public func isHeldElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try held.withLock { held throws(FileError) in
            guard held[path] == nil else { return false }
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                guard errno != ENOENT else { return false }
                throw .failed(path, reason: systemErrorText(errno))
            }
            defer { close(descriptor) }
            return landfall_record_lock(descriptor, 0) != 0
        }
    }

    /// Whoever held the lock before may have removed the file between our opening and locking it.
    private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return unsafe fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev
            && opened.st_ino == named.st_ino
    }
}
