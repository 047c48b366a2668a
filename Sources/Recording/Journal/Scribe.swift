import FoundationEssentials

/// Makes lines of what was recorded, for one session: bytes that were written before are only named, disk answers that are
/// as before are left out, and no secret gets past it. Used by the journal's thread alone.
struct Scribe {
    /// Shorter bodies stand in the line itself.
    private static let inlineLimit = 256
    /// What is remembered of what was written; then it begins again, and something may be written twice.
    private static let memoryLimit = 16_384

    private struct Told {
        let occurrence: Int
        let answer: Int
    }

    private let redactor: Redactor
    private let encoder = JSONEncoder()
    private var lines: [UInt8] = []
    /// By keyed hashes: of what was recorded, no copy is held.
    private var blobs: [Int: Int] = [:]
    private var blobCount = 0
    private var disk: [Int: Told] = [:]

    init(redactor: Redactor) {
        self.redactor = redactor
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    var size: Int { lines.count }

    /// The lines made since the last call.
    mutating func takeLines() -> [UInt8] {
        defer { lines = [] }
        return lines
    }

    mutating func write(_ line: Line) {
        lines += encoded(line)
    }

    /// The line's bytes, without secrets, with its line feed.
    func encoded(_ line: Line) -> [UInt8] {
        guard let data = try? encoder.encode(line) else { return [] }
        return redactor.redacted(line: [UInt8](data)) + [UInt8(ascii: "\n")]
    }

    /// Writes an answer from the disk, unless it is the same as before.
    mutating func writeNews(_ exchange: Exchange) {
        guard let answer = try? encoder.encode(exchange.call) else { return }
        let key = Self.hash {
            $0.combine(exchange.scope); $0.combine(exchange.call.request)
        }
        let hash = answer.hashValue
        // Side by side, a later call may have been told of before an earlier one.
        let isInOrder = disk[key].map { $0.occurrence < exchange.occurrence } ?? true
        if isInOrder, disk[key]?.answer == hash { return }
        if isInOrder {
            if disk.count >= Self.memoryLimit { disk = [:] }
            disk[key] = Told(occurrence: exchange.occurrence, answer: hash)
        }
        write(.exchange(exchange))
    }

    /// Bytes for a line; many are written as a line of their own first, once.
    mutating func payload(_ bytes: [UInt8]) -> Payload {
        let bytes = redactor.redacted(bytes)
        guard bytes.count > Self.inlineLimit else { return .bytes(bytes) }
        let hash = Self.hash { $0.combine(bytes) }
        if let number = blobs[hash] { return .blob(number) }
        if blobs.count >= Self.memoryLimit { blobs = [:] }
        blobCount += 1
        blobs[hash] = blobCount
        write(.blob(Blob(number: blobCount, content: .bytes(bytes))))
        return .blob(blobCount)
    }

    /// Something was not written after all: nothing is taken for written before.
    mutating func forget() {
        (blobs, disk) = ([:], [:])
    }

    private static func hash(_ feed: (inout Hasher) -> Void) -> Int {
        var hasher = Hasher()
        feed(&hasher)
        return hasher.finalize()
    }
}
