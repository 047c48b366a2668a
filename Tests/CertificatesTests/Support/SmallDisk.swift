import Glibc

/// A file system of its own at a folder, for as long as it is held.
final class SmallDisk: Sendable {
    private let path: String

    /// Only root may mount, and not even that everywhere.
    static let isPossible: Bool = {
        guard let scratch = try? Scratch() else { return false }
        return (try? SmallDisk(at: scratch.path, size: 64 << 10)) != nil
    }()

    init(at path: String, size: Int) throws {
        self.path = path
        let options = "size=\(size)"
        guard unsafe mount("tmpfs", path, "tmpfs", 0, options) == 0 else { throw ScratchError(errno) }
    }

    /// One that has no symbolic links.
    init(withoutLinksAt path: String) throws {
        self.path = path
        guard unsafe mount("mqueue", path, "mqueue", 0, nil) == 0 else { throw ScratchError(errno) }
    }

    static let canBeWithoutLinks: Bool = {
        guard let scratch = try? Scratch() else { return false }
        return (try? SmallDisk(withoutLinksAt: scratch.path)) != nil
    }()

    func makeReadOnly() throws {
        let flags = UInt(MS_REMOUNT) | UInt(MS_RDONLY)
        guard unsafe mount("tmpfs", path, "tmpfs", flags, nil) == 0 else { throw ScratchError(errno) }
    }

    deinit { unsafe umount2(path, Int32(MNT_DETACH)) }
}
