import Glibc
package import Model
package import Ports
import System

/// The disk of this machine, through system calls.
package struct SystemFiles: Files {
    package init() {}

    package func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        // Without waiting: opening a pipe would wait for its other end.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .last(path) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
            guard bytes.count <= limit else { throw .failed(path, reason: "is larger than \(limit) bytes") }
        }
    }

    package func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw .last(path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while true {
            // Null is the end of the list or an error, and only errno tells which (readdir(3)).
            errno = 0
            guard let entry = unsafe readdir(directory) else {
                guard errno == 0 else { throw .last(path) }
                break
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last(path) }
        let kind: FileInformation.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        let modified = Timestamp(seconds: Int64(status.st_mtim.tv_sec)) + .nanoseconds(status.st_mtim.tv_nsec)
        let link = linkTarget(path) ?? ""
        return FileInformation(kind: kind, size: Int(status.st_size), modified: modified, link: link)
    }

    package func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        let temporary = Self.temporary(beside: path)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .last(temporary) }
        do throws(FileError) {
            guard writeAll(bytes, to: descriptor), fsync(descriptor) == 0 else { throw .last(temporary) }
        } catch {
            close(descriptor)
            unsafe unlink(temporary)
            throw error
        }
        close(descriptor)
        try rename(temporary, to: path)
    }

    package func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        if unsafe mkdir(path, mode) == 0 { return }
        switch errno {
        case EEXIST:
            guard try information(path, for: scope).kind == .directory else {
                throw .failed(path, reason: "is not a directory")
            }
        case ENOENT:
            let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            guard !parent.isEmpty else { throw .last(path) }
            try makeDirectory(parent, mode: 0o755, for: scope)
            guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw .last(path) }
        default: throw .last(path)
        }
    }

    package func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {
        if unsafe symlink(target, path) == 0 { return }
        guard errno == EEXIST else { throw .last(path) }
        if linkTarget(path) == target { return }
        // A reader finds the old one or the new one, never none.
        let temporary = Self.temporary(beside: path)
        guard unsafe symlink(target, temporary) == 0 else { throw .last(temporary) }
        try rename(temporary, to: path)
    }

    /// A new name beside a path. No two writers of one path share it: not in this process, nor two PID 1 over one volume.
    static func temporary(beside path: String) -> String {
        "\(path).new-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }

    /// Renames a file, or removes it if that fails.
    func rename(_ temporary: String, to path: String) throws(FileError) {
        guard unsafe Glibc.rename(temporary, path) == 0 else {
            let error = FileError.last(path)
            unsafe unlink(temporary)
            throw error
        }
    }

    package func move(_ path: String, to destination: String, for scope: Scope) throws(FileError) {
        let parent = destination.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try makeDirectory(parent.joined(separator: "/"), mode: 0o700, for: scope)
        guard unsafe Glibc.rename(path, destination) == 0 else { throw .last(path) }
    }

    package func remove(_ path: String, for scope: Scope) throws(FileError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { throw .last(path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            guard unsafe unlink(path) == 0 else { throw .last(path) }
            return
        }
        for name in try list(path, for: scope) {
            try remove("\(path)/\(name)", for: scope)
        }
        guard unsafe rmdir(path) == 0 else { throw .last(path) }
    }
}

extension FileError {
    /// The error that errno reports for `path`.
    static func last(_ path: String) -> FileError {
        let code = errno
        return code == ENOENT ? .missing(path) : .failed(path, reason: systemErrorText(code))
    }
}
