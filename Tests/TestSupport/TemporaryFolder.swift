import FoundationEssentials
import Glibc

/// A folder of a test's own, gone when the test is.
public final class TemporaryFolder: Sendable {
    /// Short, so that a Unix socket's path fits.
    public let path: String

    public init() throws {
        var template = Array("/tmp/landfall-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw NoFolder(code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

struct NoFolder: Error {
    let code: Int32
}
