import Model
import TestSupport

/// One input of a decoder.
struct FuzzInput: CustomStringConvertible {
    let bytes: [UInt8]
    /// Which of the seeds it was made of.
    let place: Int
    /// Whether it is that seed itself.
    let isSeed: Bool
    /// For whatever else a decoder is given.
    let chance: SeededRandom

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var description: String {
        text.unicodeScalars.prefix(4000).reduce(into: "") { $0 += $1.escaped(asASCII: true) }
    }
}

/// Makes inputs out of real ones; the same one for the same number and seed.
struct Mutator {
    private let seeds: [Anatomy]
    private static let longest = 128 << 10

    init(_ seeds: [[UInt8]]) { self.seeds = seeds.map(Anatomy.init) }

    /// The first inputs are the seeds themselves.
    func input(_ number: Int, seed: UInt64) -> FuzzInput {
        var chance = SeededRandom(seed: seed &+ UInt64(number) &* 0xA076_1D64_78BD_642F)
        guard number >= seeds.count else {
            return FuzzInput(bytes: seeds[number].bytes, place: number, isSeed: true, chance: chance)
        }
        let place = Int.random(in: seeds.indices, using: &chance)
        let bytes = mutated(place, &chance)
        return FuzzInput(bytes: Array(bytes.prefix(Self.longest)), place: place, isSeed: false, chance: chance)
    }

    private func mutated(_ place: Int, _ chance: inout SeededRandom) -> [UInt8] {
        let choice = Int.random(in: 0..<40, using: &chance)
        if choice == 0 { return (0..<Int.random(in: 0...400, using: &chance)).map { _ in Self.byte(&chance) } }
        let anatomy = seeds[place]
        var bytes = anatomy.bytes
        for edit in edits(of: anatomy, &chance) { bytes.replaceSubrange(edit.range, with: edit.bytes) }
        let damages = choice < 28 ? 0 : choice < 36 ? 1 : Int.random(in: 2...5, using: &chance)
        for _ in 0..<damages { damage(&bytes, &chance) }
        if bytes == anatomy.bytes { damage(&bytes, &chance) }
        return bytes
    }

    private static func byte(_ chance: inout SeededRandom) -> UInt8 { UInt8(truncatingIfNeeded: chance.next()) }
}

// What keeps the input's form, so that it gets past a parser.
extension Mutator {
    private struct Edit {
        let range: Range<Int>
        let bytes: [UInt8]
    }

    /// From the last to the first, none within another one.
    private func edits(of anatomy: Anatomy, _ chance: inout SeededRandom) -> [Edit] {
        // Of one change alone, more is left that a decoder accepts.
        let wanted = (0..<chance.one(of: [1, 1, 1, 2, 3])).compactMap { _ in edit(of: anatomy, &chance) }
        var edits: [Edit] = []
        for edit in wanted.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            if let last = edits.last, edit.range.upperBound > last.range.lowerBound { continue }
            edits.append(edit)
        }
        return edits
    }

    private func edit(of anatomy: Anatomy, _ chance: inout SeededRandom) -> Edit? {
        switch Int.random(in: 0..<10, using: &chance) {
        case 0...2:
            return anatomy.numbers.isEmpty
                ? nil : Edit(range: chance.one(of: anatomy.numbers), bytes: chance.one(of: Hostile.numbers))
        case 3...6:
            guard !anatomy.texts.isEmpty else { return nil }
            let bytes = chance.one(of: Self.isRare(&chance) ? Hostile.longTexts : Hostile.texts)
            let isEscaped = anatomy.isJSON && Int.random(in: 0..<4, using: &chance) > 0
            return Edit(range: chance.one(of: anatomy.texts), bytes: isEscaped ? Hostile.escaped(bytes) : bytes)
        default: return anatomy.parts.isEmpty ? nil : rearrangement(of: anatomy, &chance)
        }
    }

    private func rearrangement(of anatomy: Anatomy, _ chance: inout SeededRandom) -> Edit {
        let range = chance.one(of: anatomy.parts)
        let part = Array(anatomy.bytes[range])
        switch Int.random(in: 0..<7, using: &chance) {
        case 0, 1: return Edit(range: range, bytes: [])
        case 2:
            let most = max(1, Self.longest / 2 / (part.count + 1))
            return Edit(range: range, bytes: Self.repeated(part, min(most, Self.isRare(&chance) ? 3000 : 3)))
        case 3, 4:
            let other = chance.one(of: seeds)
            return Edit(range: range, bytes: other.parts.isEmpty ? [] : Array(other.bytes[chance.one(of: other.parts)]))
        case 5: return Edit(range: range, bytes: Array(chance.one(of: Self.values).utf8))
        default:
            let depth = Self.isRare(&chance) ? 3000 : chance.one(of: [2, 40, 600])
            return Edit(range: range, bytes: Self.nested(part, depth, &chance))
        }
    }

    /// For what makes an input a hundred times as long, and its decoding take a hundred times as long.
    private static func isRare(_ chance: inout SeededRandom) -> Bool { chance.next() % 128 == 0 }

    private static let values = ["null", "true", "false", "{}", "[]", "\"\"", "0", "[[]]", "{\"\":null}", ""]

    /// With commas between the parts, if the part has none at its end.
    private static func repeated(_ part: [UInt8], _ count: Int) -> [UInt8] {
        let separator =
            part.last.map { [UInt8(ascii: ","), UInt8(ascii: "\n")].contains($0) } ?? true ? [] : ",".utf8.map(\.self)
        return part + repeatElement(separator + part, count: count - 1).flatMap(\.self)
    }

    private static func nested(_ part: [UInt8], _ depth: Int, _ chance: inout SeededRandom) -> [UInt8] {
        let (open, close) = chance.one(of: [("[", "]"), ("{\"a\":", "}"), ("[[],", "]"), ("(", ")")])
        let (left, right) = (
            Array(String(repeating: open, count: depth).utf8), String(repeating: close, count: depth).utf8
        )
        return left + part + right
    }
}

// What breaks it.
extension Mutator {
    private func damage(_ bytes: inout [UInt8], _ chance: inout SeededRandom) {
        let place = Int.random(in: 0...bytes.count, using: &chance)
        let end = min(bytes.count, place + chance.one(of: [1, 2, 4, 16, 100, 1000]))
        switch Int.random(in: 0..<9, using: &chance) {
        case 0...1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 2 where place < bytes.count: bytes[place] = Self.byte(&chance)
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        case 5: bytes.removeSubrange(place...)
        case 6:
            let other = chance.one(of: seeds).bytes
            bytes.replaceSubrange(place..., with: other.suffix(Int.random(in: 0...other.count, using: &chance)))
        case 7: bytes.insert(contentsOf: chance.one(of: Hostile.texts), at: place)
        default: bytes.insert(contentsOf: chance.one(of: Hostile.pieces), at: place)
        }
    }
}

/// Where the numbers, texts and parts of a seed are, as far as its form shows them.
private struct Anatomy {
    let bytes: [UInt8]
    let isJSON: Bool
    private(set) var numbers: [Range<Int>] = []
    /// Of JSON what is in quotation marks, of anything else words.
    private(set) var texts: [Range<Int>] = []
    /// Lists, objects, and what is between commas or on a line.
    private(set) var parts: [Range<Int>] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        isJSON = bytes.first == UInt8(ascii: "{") || bytes.first == UInt8(ascii: "[")
        findNumbers()
        if isJSON { findTexts() } else { findWords() }
        findParts()
    }

    private mutating func findNumbers() {
        var start: Int?
        for (index, byte) in bytes.enumerated() {
            if let first = start {
                if Self.isDigit(byte) || "+-.eE".utf8.contains(byte) { continue }
                numbers.append(first..<index)
                start = nil
            } else if Self.isDigit(byte) || byte == UInt8(ascii: "-") {
                start = index
            }
        }
        if let start { numbers.append(start..<bytes.count) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func findTexts() {
        var start: Int?
        var isEscaped = false
        for (index, byte) in bytes.enumerated() {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                if let first = start { texts.append(first..<index) }
                start = start == nil ? index + 1 : nil
            }
        }
    }

    private mutating func findWords() {
        var start: Int?
        for (index, byte) in bytes.enumerated() {
            let isWord = byte > 0x20 && !",;=:\"'{}[]()<>".utf8.contains(byte)
            if isWord {
                start = start ?? index
            } else if let first = start {
                texts.append(first..<index)
                start = nil
            }
        }
        if let start { texts.append(start..<bytes.count) }
    }

    private mutating func findParts() {
        var open: [Int] = []
        var start = 0
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open.append(index)
                start = index + 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if start < index { parts.append(start..<index) }
                if let first = open.popLast() { parts.append(first..<(index + 1)) }
                start = index + 1
            case UInt8(ascii: ","), UInt8(ascii: "\n"):
                parts.append(start..<(index + 1))
                start = index + 1
            default: break
            }
        }
        if start < bytes.count { parts.append(start..<bytes.count) }
    }
}
