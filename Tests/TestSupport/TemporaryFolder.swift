import FoundationEssentials
import Glibc
import Synchronization

/// A folder of a test's own, gone when the test is; with the process, where something still runs in it then.
package final class TemporaryFolder: Sendable {
    /// Short, so that a Unix socket's path fits.
    package let path: String

    package init() throws {
        var template = Array("/tmp/landfall-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw NoFolder(code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        Self.present.withLock { present in
            if present == nil {
                atexit { TemporaryFolder.removeAll() }
                present = []
            }
            present?.insert(path)
        }
    }

    deinit {
        Self.remove(path)
        _ = Self.present.withLock { $0?.remove(path) }
    }

    /// Nil before there was any.
    private static let present = Mutex<Set<String>?>(nil)

    private static func removeAll() {
        for path in present.withLock({ $0 ?? [] }) { remove(path) }
    }

    private static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}

struct NoFolder: Error {
    let code: Int32
}
