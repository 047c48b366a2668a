import Glibc
import Model

/// The permission bits of a file.
func permissions(_ path: String) throws -> UInt32 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw Unreadable(path: path, reason: systemErrorText(errno)) }
    return status.st_mode & 0o777
}

struct Unreadable: Error {
    let path: String
    let reason: String
}
