import EventStream
import TestSupport
import Testing

/// What holds whatever an engine, or who stands in its place, sends; a failing seed is the one to look at.
///
/// One after the other, and with pauses for others: decoding is all work and no waiting, and Swift has few threads.
@Suite(.serialized) struct DecoderFuzzTests {
    private static let seeds: ClosedRange<UInt64> = 1...(TestScale.isFull ? 50_000 : 100)
    private static let lines = 200
    private static let referenceLines = TestScale.isFull ? 2 : 10

    private func decoder(lineLimit: Int = 1 << 20) -> EventDecoder {
        EventDecoder(hostLabels: [ReferenceEvent.hostLabel], lineLimit: lineLimit)
    }

    @Test func `where the chunks end makes no difference, and no more than a line is held`() async throws {
        var (read, unreadable) = (0, 0)
        for seed in Self.seeds {
            await Task.yield()
            var mutation = try Mutation(seed: seed)
            var body = mutation.line()
            for _ in 1...Self.lines { body += [UInt8(ascii: "\n")] + mutation.line() }
            let limit = mutation.chance.one(of: [600, 1 << 20])
            var whole = decoder(lineLimit: limit)
            var pieces = decoder(lineLimit: limit)
            let expected = whole.events(in: body)
            var events: [EngineEvent] = []
            for chunk in mutation.chunks(of: body) {
                events += pieces.events(in: chunk)
                if pieces.waiting > limit { Issue.record("\(pieces.waiting) bytes are held, seed \(seed)") }
            }
            #expect(events == expected, "seed \(seed)")
            #expect(pieces.unreadable == whole.unreadable, "seed \(seed)")
            read += events.count
            unreadable += pieces.unreadable
        }
        #expect(read > Self.seeds.count * Self.lines / 4)
        #expect(unreadable > Self.seeds.count * Self.lines / 4)
    }

    /// The reference is slow, so it reads a part of them.
    @Test func `an event is what JSONDecoder reads, and what it cannot read is none`() async throws {
        var (read, passedOver) = (0, 0)
        for seed in Self.seeds {
            await Task.yield()
            var mutation = try Mutation(seed: seed)
            var decoder = decoder()
            for _ in 1...Self.referenceLines {
                let line = mutation.line()
                let (event, reference) = (
                    decoder.events(in: line + [UInt8(ascii: "\n")]).first, ReferenceEvent.read(line)
                )
                if event == nil, reference != nil, ReferenceEvent.isLenient(on: line) {
                    passedOver += 1
                } else if event != reference {
                    Issue.record("seed \(seed): \(String(decoding: line, as: UTF8.self))")
                }
                read += event == nil ? 0 : 1
            }
        }
        #expect(read > Self.seeds.count * Self.referenceLines / 4)
        #expect(passedOver <= read / 100)
    }
}
