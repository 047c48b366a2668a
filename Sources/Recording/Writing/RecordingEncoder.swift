import FoundationEssentials
import Ports
import Synchronization

/// Makes the lines of one session, on the journal's thread: without bytes that were written before, without answers of
/// the disk that are the same as before, and without secrets.
struct RecordingEncoder {
    /// How many answers and blobs are remembered. Then the memory starts over, and something may be written twice.
    fileprivate static let memoryLimit = 16_384

    private let redactor: Redactor
    private let blobs: WrittenBlobs
    private let encoder = JSONEncoder()
    private let blobEncoder = JSONEncoder()
    private var lines: [UInt8] = []
    /// The last answers of the disk. Only keyed hashes of questions and answers are kept.
    private var answers: [Int: (occurrence: Int, hash: Int)] = [:]

    init(redactor: Redactor) {
        self.redactor = redactor
        blobs = WrittenBlobs(redactor)
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.userInfo = .init(blobs: blobs)
        blobEncoder.outputFormatting = encoder.outputFormatting
    }

    var size: Int { lines.count }

    /// Returns the lines made since the last call.
    mutating func removeLines() -> [UInt8] {
        defer { lines = [] }
        return lines
    }

    mutating func write(_ key: Line.Key, _ content: some Encodable) {
        let line = encoded(key, content)
        for blob in blobs.removeNew() { lines += self.line(.blob, blob, blobEncoder) }
        lines += line
    }

    /// A line's bytes, without secrets and with the line feed.
    func encoded(_ key: Line.Key, _ content: some Encodable) -> [UInt8] { line(key, content, encoder) }

    /// Whether an answer of the disk differs from the last one that was written for the question with this keyed hash.
    mutating func isNew(_ answer: some Hashable, to key: Int, occurrence: Int) -> Bool {
        let hash = keyedHash(answer)
        // Concurrent calls may arrive here in another order.
        let isLatest = answers[key].map { $0.occurrence < occurrence } ?? true
        guard isLatest else { return true }
        guard answers[key]?.hash != hash else { return false }
        if answers.count >= Self.memoryLimit { answers = [:] }
        answers[key] = (occurrence, hash)
        return true
    }

    /// Lines were lost: nothing counts as written before.
    mutating func forget() {
        answers = [:]
        blobs.forget()
    }

    private func line(_ key: Line.Key, _ content: some Encodable, _ encoder: JSONEncoder) -> [UInt8] {
        guard let data = try? encoder.encode([key.rawValue: content]) else { return [] }
        return redactor.redacted(line: [UInt8](data)) + [UInt8(ascii: "\n")]
    }
}

/// The blobs that one session wrote. Long bytes become a blob when they are first encoded.
private final class WrittenBlobs: BlobStore {
    private struct State {
        /// By keyed hashes of the bytes, so that no copy of them is kept.
        var numbers: [Int: Int] = [:]
        var count = 0
        var new: [Blob] = []
    }

    /// Shorter bytes are written in the line itself.
    private static let inlineLimit = 256

    private let redactor: Redactor
    private let state = Mutex(State())

    init(_ redactor: Redactor) { self.redactor = redactor }

    func stored(_ bytes: [UInt8]) -> StoredBytes {
        let bytes = Bytes(redactor.redacted(bytes))
        guard bytes.wrappedValue.count > Self.inlineLimit else { return .inline(bytes.wrappedValue) }
        let hash = keyedHash(bytes)
        return state.withLock { state in
            if let number = state.numbers[hash] { return .blob(number) }
            if state.numbers.count >= RecordingEncoder.memoryLimit { state.numbers = [:] }
            state.count += 1
            state.numbers[hash] = state.count
            state.new.append(Blob(number: state.count, content: bytes))
            return .blob(state.count)
        }
    }

    /// Returns the blobs that are referred to and not written yet.
    func removeNew() -> [Blob] {
        state.withLock { state in
            defer { state.new = [] }
            return state.new
        }
    }

    func forget() { state.withLock { $0.numbers = [:] } }

    func bytes(ofBlob number: Int) -> [UInt8]? { nil }
}

/// A hash whose key changes with the process.
func keyedHash(_ value: some Hashable) -> Int {
    var hasher = Hasher()
    hasher.combine(value)
    return hasher.finalize()
}
