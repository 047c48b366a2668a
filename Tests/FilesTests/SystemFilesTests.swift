import Files
import FoundationEssentials
import Glibc
import Model
import Ports
import TestSupport
import Testing

@Suite struct SystemFilesTests {
    private let files = SystemFiles()
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/file" }

    init() throws { folder = try TemporaryFolder() }

    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        unsafe lstat(path, &status)
        return status.st_mode & 0o7777
    }

    @Test func `a file is written whole, with its mode, and nothing lies beside it`() throws {
        try files.write([1, 2, 3], to: path, mode: 0o600, for: .run)
        try files.write([4], to: path, mode: 0o600, for: .run)
        #expect(try files.read(path, limit: 10, for: .run) == [4])
        #expect(mode(path) == 0o600)
        #expect(try files.list(folder.path, for: .run) == ["file"])
    }

    @Test func `a write that cannot be done leaves the old file`() throws {
        try files.write([1], to: path, mode: 0o600, for: .run)
        #expect(throws: FileError.self) { try files.write([2], to: folder.path + "/none/file", mode: 0o600, for: .run) }
        #expect(try files.read(path, limit: 10, for: .run) == [1])
    }

    @Test func `missing, too large and unreadable are different errors`() throws {
        #expect(throws: FileError.missing(path)) { try files.read(path, limit: 10, for: .run) }
        try files.write([UInt8](repeating: 0, count: 11), to: path, mode: 0o600, for: .run)
        #expect(throws: FileError.failed(path, reason: "is larger than 10 bytes")) {
            try files.read(path, limit: 10, for: .run)
        }
        #expect(throws: FileError.failed(folder.path, reason: "Is a directory")) {
            try files.read(folder.path, limit: 10, for: .run)
        }
    }

    @Test func `parents are made too, and a file in the way is an error`() throws {
        try files.makeDirectory(folder.path + "/a/b/c", mode: 0o700, for: .run)
        try files.makeDirectory(folder.path + "/a/b/c", mode: 0o700, for: .run)
        #expect(mode(folder.path + "/a/b/c") == 0o700)
        try files.write([], to: path, mode: 0o600, for: .run)
        #expect(throws: FileError.failed(path, reason: "is not a directory")) {
            try files.makeDirectory(path, mode: 0o700, for: .run)
        }
    }

    @Test func `a file from the far future is read like any other`() throws {
        try files.write([1], to: path, mode: 0o600, for: .run)
        var times = [timespec(tv_sec: 10_413_792_000, tv_nsec: 0), timespec(tv_sec: 10_413_792_000, tv_nsec: 0)]
        #expect(unsafe utimensat(AT_FDCWD, path, &times, 0) == 0)
        #expect(try files.information(path, for: .run).modified == Timestamp(nanoseconds: .max))
    }

    @Test func `a link is made, and moved to another target`() throws {
        for target in ["/one", "/one", "/two"] {
            try files.link(path, to: target, for: .run)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == target)
        }
    }

    @Test func `what a link points to outlives the folder with the link`() throws {
        try files.write([1], to: path, mode: 0o600, for: .run)
        try files.makeDirectory(folder.path + "/doomed/deeper", mode: 0o700, for: .run)
        try files.link(folder.path + "/doomed/deeper/link", to: path, for: .run)
        try files.link(folder.path + "/doomed/folder", to: folder.path, for: .run)
        try files.remove(folder.path + "/doomed", for: .run)
        #expect(try files.list(folder.path, for: .run) == ["file"])
    }
}

@Suite struct GroupTests {
    private let folder: TemporaryFolder
    private let files = SystemFiles()

    init() throws {
        folder = try TemporaryFolder()
        try files.write([1], to: "\(folder.path)/key", mode: 0o600, for: .run)
    }

    @Test func `a group is let in by name or number, once`() throws {
        let path = "\(folder.path)/key"
        for group in ["daemon", "4711"] {
            #expect(try files.grant(0o040, to: group, on: path, for: .run))
            #expect(try !files.grant(0o040, to: group, on: path, for: .run))
        }
    }

    @Test func `a group that is not there is named`() {
        let error = FileError.failed("\(folder.path)/key", reason: "there is no group `nowhere`")
        #expect(throws: error) { try files.grant(0o040, to: "nowhere", on: "\(folder.path)/key", for: .run) }
    }
}
