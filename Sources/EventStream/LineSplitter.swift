/// Cuts a body that comes in arbitrary chunks into lines, holding no more than one line, and that up to a limit.
///
/// A longer line is skipped and counted, and what follows it is read on. Empty lines, carriage returns and the record
/// separators of RFC 7464 are dropped.
public struct LineSplitter: Sendable {
    private let limit: Int
    private var partial: [UInt8] = []
    private var isSkipping = false
    public private(set) var skipped = 0

    public init(limit: Int = 1 << 20) {
        self.limit = limit
    }

    /// The lines that `chunk` completes. What comes after its last line feed is kept for the next chunk.
    public mutating func lines(in chunk: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = chunk[...]
        while let feed = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if let line = complete(with: rest[..<feed]) { lines.append(line) }
            rest = rest[(feed + 1)...]
        }
        keep(rest)
        return lines
    }

    private mutating func complete(with end: ArraySlice<UInt8>) -> [UInt8]? {
        keep(end)
        defer {
            partial.removeAll(keepingCapacity: partial.capacity <= 64 << 10)
            isSkipping = false
        }
        guard !isSkipping else { return nil }
        let line = partial.drop { $0 == 0x1E }.filter { $0 != UInt8(ascii: "\r") }
        return line.isEmpty ? nil : Array(line)
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
}
