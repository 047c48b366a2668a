import Files
import Model
import Ports

/// Small text files, read and written as a whole.
enum TextFile {
    /// Nil when there is none that can be read.
    static func read(_ path: String) -> String? {
        let bytes = try? SystemFiles().read(path, limit: 1 << 20, for: .run)
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    static func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws(SandboxError) {
        do {
            try SystemFiles().write(Array(text.utf8), to: path, mode: mode, for: .run)
        } catch {
            throw .folder(path, reason: "\(error)")
        }
    }

    static func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(SandboxError) {
        do {
            try SystemFiles().makeDirectory(path, mode: mode, for: .run)
        } catch {
            throw .folder(path, reason: "\(error)")
        }
    }
}
