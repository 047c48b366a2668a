import Glibc

/// A file system of its own at a folder, for as long as it is held.
package final class SmallDisk: Sendable {
    private let path: String

    /// Only root may mount, and not even that everywhere.
    package static let isPossible: Bool = {
        guard let folder = try? TemporaryFolder() else { return false }
        return (try? SmallDisk(at: folder.path, size: 64 << 10)) != nil
    }()

    package init(at path: String, size: Int) throws {
        self.path = path
        let options = "size=\(size)"
        guard unsafe mount("tmpfs", path, "tmpfs", 0, options) == 0 else { throw NoFolder(code: errno) }
    }

    /// One that has no symbolic links.
    package init(withoutLinksAt path: String) throws {
        self.path = path
        guard unsafe mount("mqueue", path, "mqueue", 0, nil) == 0 else { throw NoFolder(code: errno) }
    }

    package static let canBeWithoutLinks: Bool = {
        guard let folder = try? TemporaryFolder() else { return false }
        return (try? SmallDisk(withoutLinksAt: folder.path)) != nil
    }()

    package func makeReadOnly() throws {
        let flags = UInt(MS_REMOUNT) | UInt(MS_RDONLY)
        guard unsafe mount("tmpfs", path, "tmpfs", flags, nil) == 0 else { throw NoFolder(code: errno) }
    }

    /// Writes a file that takes all the space there is.
    package func fill(_ path: String) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0x61, count: 4096)
        while unsafe write(descriptor, block, block.count) > 0 {}
    }

    deinit { unsafe umount2(path, Int32(MNT_DETACH)) }
}
