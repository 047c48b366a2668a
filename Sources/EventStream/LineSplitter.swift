import CSimdJSON
import Glibc

/// Cuts a body that comes in arbitrary chunks into lines, and holds at most one line; longer ones than the limit are skipped
/// and counted. Empty lines, white space around a line and the record separators of RFC 7464 are dropped.
package struct LineSplitter: Sendable {
    /// A line's buffer is kept for the next one unless it has become larger than this.
    private static let keptCapacity = 64 << 10
    /// So many bytes may be read after each line; what they hold means nothing.
    private static let padding = Int(LANDFALL_JSON_PADDING)

    private let limit: Int
    private var partial: [UInt8] = []
    private var isSkipping = false
    package private(set) var skipped = 0
    /// Bytes that wait for the rest of their line.
    package var waiting: Int { partial.count }

    package init(limit: Int = 1 << 20) { self.limit = limit }

    /// Calls `body` with every line that `chunk` completes; the bytes are valid only until it returns.
    @unsafe
    package mutating func split(_ chunk: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) {
        var rest = chunk[...]
        while let feed = Self.lineFeed(in: rest) {
            keep(rest[..<feed])
            unsafe complete(body)
            rest = rest[(feed + 1)...]
        }
        keep(rest)
    }

    /// By memchr(3), because most of an event is nothing but read over.
    private static func lineFeed(in bytes: ArraySlice<UInt8>) -> Int? {
        unsafe bytes.withUnsafeBytes { bytes -> Int? in
            guard let start = bytes.baseAddress, let feed = unsafe memchr(start, 0x0A, bytes.count) else { return nil }
            return unsafe UnsafeRawPointer(feed) - start
        }.map { bytes.startIndex + $0 }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        guard !isSkipping else { return }
        if partial.count + bytes.count > limit {
            partial = []
            isSkipping = true
            skipped += 1
        } else {
            partial += bytes
        }
    }

    private mutating func complete(_ body: (UnsafeRawBufferPointer) -> Void) {
        if !isSkipping {
            let length = partial.count
            partial.append(contentsOf: repeatElement(0, count: Self.padding))
            unsafe partial.withUnsafeBytes { unsafe Self.pass(UnsafeRawBufferPointer(rebasing: $0[..<length]), body) }
        }
        partial.removeAll(keepingCapacity: partial.capacity <= Self.keptCapacity)
        isSkipping = false
    }

    private static func pass(_ line: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard let first = unsafe line.firstIndex(where: isText), let last = unsafe line.lastIndex(where: isText) else {
            return
        }
        unsafe body(UnsafeRawBufferPointer(rebasing: line[first...last]))
    }

    /// Neither white space, as JSON has it, nor a record separator.
    private static func isText(_ byte: UInt8) -> Bool {
        byte > 0x20 || (byte != 0x20 && byte != 0x09 && byte != 0x0D && byte != 0x1E)
    }
}
