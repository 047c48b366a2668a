import FoundationEssentials
import Model
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
        (1_795_485_783, "2026-11-24T02:03:03.000Z"), (4_102_444_799, "2099-12-31T23:59:59.000Z"),
    ])
    func `a time is written in ISO 8601 and read back`(seconds: Int64, text: String) {
        #expect(Timestamp(seconds: seconds).description == text)
        #expect(Timestamp(text) == Timestamp(seconds: seconds))
    }

    @Test(arguments: [
        "", "2026-11-24", "2026-02-30T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-11-24T25:00:00.000Z", "x",
    ])
    func `what is no such text is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `what lies beyond all times becomes the first or the last`() throws {
        #expect(Timestamp(seconds: .max) == Timestamp(nanoseconds: .max))
        #expect(Timestamp(seconds: .min) == Timestamp(nanoseconds: .min))
        #expect(Timestamp(nanoseconds: .max) + .seconds(1) == Timestamp(nanoseconds: .max))
        #expect(Timestamp(nanoseconds: .min) - .seconds(1) == Timestamp(nanoseconds: .min))
        #expect(Timestamp(nanoseconds: .max) - Timestamp(nanoseconds: .min) == .nanoseconds(Int64.max))
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        // Recordings hold the two halves of any duration; its seconds alone would not fit into 64 bits.
        for half in [Int64.min, .max] {
            let duration = try decodeJSON(Duration.self, from: Array("[\(half),0]".utf8))
            #expect(duration.nanoseconds == half)
            #expect(!duration.readable.isEmpty && !duration.inWords.isEmpty)
        }
        #expect(!Timestamp(nanoseconds: .min).description.isEmpty)
        #expect(Timestamp("2026-01-99999999999999999T00:00:00.000Z") == nil)
        #expect(Timestamp("2261-9-999999999T00:00:00.000Z") == nil)
        #expect(Timestamp("2261-09-09T999999999:00:00.000Z") == nil)
    }

    @Test func `JSON loses nothing`() throws {
        let times = [Timestamp(nanoseconds: 1_795_485_783_123_456_789), Timestamp(seconds: 1_795_485_783)]
        let data = try JSONEncoder().encode(times)
        #expect(
            String(decoding: data, as: UTF8.self) == #"["2026-11-24T02:03:03.123456789Z","2026-11-24T02:03:03.000Z"]"#
        )
        #expect(try JSONDecoder().decode([Timestamp].self, from: data) == times)
    }

    @Test func `days of three centuries keep their text`() {
        for day in stride(from: Int64(0), through: 106_000, by: 7) {
            let time = Timestamp(seconds: day * 86_400 + day % 86_400)
            #expect(Timestamp(time.description) == time)
        }
    }
}
