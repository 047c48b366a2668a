import FoundationEssentials

/// Makes lines of what was recorded, for one session: bytes that were written before are only named, disk answers that are
/// as before are left out, and no secret gets past it. Used by the journal's thread alone.
struct RecordingEncoder {
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

    /// Whether the answer to a question to the disk is another than the last one that was written.
    ///
    /// - Parameter key: a keyed hash of the question.
    mutating func isNews(_ key: Int, _ occurrence: Int, _ answer: some Hashable) -> Bool {
        let hash = Self.hash(answer)
        // Side by side, a later call may have been told of before an earlier one.
        let isLatest = disk[key].map { $0.occurrence < occurrence } ?? true
        guard isLatest else { return true }
        guard disk[key]?.answer != hash else { return false }
        if disk.count >= Self.memoryLimit { disk = [:] }
        disk[key] = Told(occurrence: occurrence, answer: hash)
        return true
    }

    /// Bytes for a line; many are written as a line of their own first, once.
    mutating func payload(_ bytes: [UInt8]) -> Payload {
        let bytes = redactor.redacted(bytes)
        guard bytes.count > Self.inlineLimit else { return .bytes(bytes) }
        let hash = Self.hash(Content(bytes))
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

    private static func hash(_ value: some Hashable) -> Int {
        var hasher = Hasher()
        hasher.combine(value)
        return hasher.finalize()
    }
}

/// Bytes that are hashed quickly, and all of them.
struct Content: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func hash(into hasher: inout Hasher) {
        var word: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            word = word << 8 | UInt64(byte)
            if index & 7 == 7 { hasher.combine(word) }
        }
        hasher.combine(word)
        hasher.combine(bytes.count)
    }
}
