import Crypto
import Certificates
import Files
import Glibc
import Model
import Ports

/// Looking at files and processes from outside.
enum Disk {
    private static let files = SystemFiles()

    static func bytes(_ path: String) -> [UInt8]? { try? files.read(path, limit: 16 << 20, for: .run) }

    /// Nil when there is none.
    static func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    static func names(in folder: String) -> [String] { (try? files.list(folder, for: .run)) ?? [] }

    static func exists(_ path: String) -> Bool { (try? files.information(path, for: .run)) != nil }

    /// When it was last written, nil when there is none.
    static func modified(_ path: String) -> Timestamp? { (try? files.information(path, for: .run))?.modified }

    static func makeFolder(_ path: String) throws { try files.makeDirectory(path, mode: 0o755, for: .run) }

    static func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws {
        try files.write(Array(text.utf8), to: path, mode: mode, for: .run)
    }

    static func remove(_ path: String) { try? files.remove(path, for: .run) }

    /// Nil when there is none that can be read.
    static func certificate(_ path: String) -> CertificateFile? {
        bytes(path).flatMap { try? CertificateFile(pem: $0) }
    }

    /// Every file below a folder.
    static func all(below folder: String) -> [String] {
        names(in: folder).flatMap { name in
            let path = "\(folder)/\(name)"
            let isFolder = (try? files.information(path, for: .run))?.kind == .directory
            return isFolder ? all(below: path) : [path]
        }
    }
}

/// A process as `/proc` shows it to everybody.
struct RunningProcess {
    let pid: pid_t
    let arguments: [String]
    let environment: String

    /// Those whose environment speaks of a folder: a daemon's children inherit that, however they are called.
    static func mentioning(_ folder: String) -> [RunningProcess] {
        Disk.names(in: "/proc").compactMap { name in
            guard let pid = pid_t(name), let environment = Disk.text("/proc/\(name)/environ"),
                environment.contains(folder)
            else { return nil }
            let arguments = (Disk.text("/proc/\(name)/cmdline") ?? "").split(separator: "\0").map(String.init)
            return RunningProcess(pid: pid, arguments: arguments, environment: environment)
        }
    }
}
