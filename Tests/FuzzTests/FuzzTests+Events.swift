@testable import EventStream
import Model
import TestSupport
import Testing
import Timing

/// The engine's event stream: lines of JSON, in chunks that end anywhere.
extension FuzzTests {
    /// Lines that real engines sent, each by itself, and some with what a container's labels may hold.
    private static func lines() throws -> [[UInt8]] {
        let real = try Corpus.fixtures("events", ".jsonl", limit: .max).compactMap {
            $0.split(separator: UInt8(ascii: "\n")).first.map(Array.init)
        }
        let labelled = """
            {"Type":"container","Action":"start","Actor":{"ID":"c","Attributes":{"my.label":"a.example.test","name":"web",\
            "com.docker.swarm.service.name":"web"}},"time":1795485813,"timeNano":1795485813830983448}
            """
        return real + [Array(labelled.utf8)]
    }

    private func decoder(lineLimit: Int = 1 << 20) -> EventDecoder {
        EventDecoder(hostLabels: [ReferenceEvent.hostLabel], lineLimit: lineLimit)
    }

    @Test func `where the chunks of an event stream end makes no difference, and no more than a line is held`()
        async throws
    {
        let seeds = try Corpus.fixtures("events", ".jsonl", limit: 4096)
        try await fuzz("event stream", seeds) { input in
            var chance = input.chance
            let limit = chance.one(of: [600, 1 << 20])
            var whole = decoder(lineLimit: limit)
            var pieces = decoder(lineLimit: limit)
            let expected = whole.events(in: input.bytes)
            var events: [EngineEvent] = []
            for chunk in Self.chunks(of: input.bytes, &chance) {
                events += pieces.events(in: chunk)
                try require(pieces.waiting <= limit, "\(pieces.waiting) bytes are held")
            }
            try require(events == expected, "other events: \(events.count), not \(expected.count)")
            try require(
                pieces.unreadable == whole.unreadable,
                "\(pieces.unreadable) unreadable, not \(whole.unreadable)"
            )
            try Self.check(events)
            return !events.isEmpty
        }
    }

    private static func chunks(of bytes: [UInt8], _ chance: inout SeededRandom) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var start = 0
        let longest = chance.one(of: [100, 1000, 16_384])
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...longest, using: &chance))
            chunks.append(Array(bytes[start..<end]))
            start = end
        }
        return chunks
    }

    private static func check(_ events: [EngineEvent]) throws {
        var history = EventHistory()
        for event in events {
            try requireLine(event.trigger.description, "a trigger")
            _ = history.isNew(event, at: Timestamp(seconds: 1_795_485_783))
            try require(!history.isNew(event, at: Timestamp(seconds: 1_795_485_784)), "an event is new twice")
        }
        guard let record = history.record(margin: .seconds(10)) else { return }
        let again = EventHistory(try decodeJSON(from: encodeJSON(record)), at: Timestamp(seconds: 1_795_485_784))
        try require(again.latest == record.latest, "the latest event is stored as another one")
    }

    @Test func `an event is what JSONDecoder reads, and what it cannot read is none`() async throws {
        try await fuzz("events", try Self.lines()) { input in
            let line = input.bytes.filter { $0 != UInt8(ascii: "\n") }
            var decoder = decoder()
            let event = decoder.events(in: line + [UInt8(ascii: "\n")]).first
            let reference = ReferenceEvent.read(line)
            try require(event == reference || ReferenceEvent.mayDiffer(on: line), "\(event.debugDescription) is read")
            return event != nil
        }
    }
}
