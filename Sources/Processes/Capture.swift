import Glibc

/// One of the child's output pipes, read to a limit.
struct Capture {
    let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var isOpen = true
    private(set) var isTruncated = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func read(from descriptor: Int32) {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { return }
        guard count > 0 else {
            isOpen = false
            return
        }
        let room = limit - bytes.count
        bytes += chunk.prefix(min(count, room))
        if count > room { isTruncated = true }
    }
}
