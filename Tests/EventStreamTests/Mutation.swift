import TestSupport

/// Lines as no engine sends them, made from lines that a real one sent.
struct Mutation {
    private let lines: [[UInt8]]
    var chance: SeededRandom

    init(seed: UInt64) throws {
        lines = try FixtureFile.all(in: "events").flatMap { try $0.bytes().split(separator: UInt8(ascii: "\n")) }.map(
            Array.init
        )
        chance = SeededRandom(seed: seed)
    }

    /// What JSON is made of, and what it must not hold.
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u00", "\\ud83c", "null", "true", "0", "-1", "1e3", "\r", "\t",
            "\u{1E}",
            "\"Type\":\"x\",", "\"Action\":7,", "\"timeNano\":null,", "\"Actor\":{},", "\"ID\":\"y\",", "\u{FEFF}", "é",
            "🌊",
            "18446744073709551616", "\"name\":\"z\",",
        ].map { Array($0.utf8) } + [[0x00], [0x80], [0xC3], [0xFF], [0xED, 0xA0, 0x80]]

    /// A line without its line feed.
    mutating func line() -> [UInt8] {
        var line = chance.one(of: lines)
        switch Int.random(in: 0..<10, using: &chance) {
        case 0...2: break
        case 3: line = Array(line.prefix(place(in: line)))
        case 4: line = Array(line.prefix(place(in: line))) + chance.one(of: lines).suffix(200)
        case 5:
            line = (0..<Int.random(in: 0...300, using: &chance)).map { _ in byte() }
        default: for _ in 0...Int.random(in: 0...3, using: &chance) { damage(&line) }
        }
        if Int.random(in: 0..<20, using: &chance) == 0 { line.insert(0x1E, at: 0) }
        if Int.random(in: 0..<10, using: &chance) == 0 { line.append(UInt8(ascii: "\r")) }
        return line
    }

    private mutating func damage(_ line: inout [UInt8]) {
        let place = place(in: line)
        switch Int.random(in: 0..<4, using: &chance) {
        case 0 where place < line.count: line[place] = byte()
        case 1: line.removeSubrange(place..<min(line.count, place + Int.random(in: 1...30, using: &chance)))
        case 2: line.insert(contentsOf: line[place..<min(line.count, place + 40)], at: place)
        default: line.insert(contentsOf: chance.one(of: Self.pieces), at: place)
        }
    }

    /// Any but the line feed.
    private mutating func byte() -> UInt8 {
        let byte = UInt8(truncatingIfNeeded: chance.next())
        return byte == UInt8(ascii: "\n") ? 0 : byte
    }

    private mutating func place(in line: [UInt8]) -> Int { Int.random(in: 0...line.count, using: &chance) }

    /// The bytes, cut anywhere.
    mutating func chunks(of bytes: [UInt8]) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let longest = chance.one(of: [3, 100, 1000, 16_384])
            let end = min(bytes.count, start + Int.random(in: 1...longest, using: &chance))
            chunks.append(Array(bytes[start..<end]))
            start = end
        }
        return chunks
    }
}
