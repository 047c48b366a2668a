@testable import Model
import TestSupport
import Testing

/// What many answers are made of.
extension FuzzTests {
    @Test func `whatever is taken for a time or a duration is written as the same`() async throws {
        let seeds = Corpus.bytes(
            "2026-11-24T03:37:00.000Z",
            "2026-11-24T03:37:00.123456789Z",
            "2026-11-24T03:37:00+01:00",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "500ms",
            "2d",
            "0.5"
        )
        try await fuzz("times", seeds) { input in
            let text = input.text
            for time in [Timestamp(text), Timestamp(rfc3339: text), Timestamp(httpDate: text)].compactMap(\.self) {
                try require(decodeJSON(Timestamp.self, from: encodeJSON(time)) == time, "\(time) is another time")
                try require(time.seconds >= 0, "\(time) is before 1970")
            }
            if let duration = Duration(text: text) {
                try require(duration > .zero && duration <= .seconds(366 * 86_400), "\(duration)")
                try requireLine(duration.readable + duration.inWords, "a duration")
            }
            if let seconds = Double(text) {
                let duration = Duration(inSeconds: seconds)
                try requireLine((Timestamp(seconds: 0) + duration).description + duration.readable, "a time")
            }
            return true
        }
    }

    @Test func `whatever JSON holds is written as the same`() async throws {
        let seeds =
            Corpus.engine("/services")
            + Corpus.bytes(
                #"{"a": [1, -2.5e3, true, null, "é\u0301\ud83c\udf0a"], "9": {"": "\\"}, "big": 9007199254740993}"#
            )
        try await fuzz("JSON", seeds) { input in
            let value = try decodeJSON(JSONValue.self, from: input.bytes)
            try require(decodeJSON(JSONValue.self, from: value.bytes) == value, "it is written as something else")
            return true
        }
    }

    @Test func `whatever duration a recording holds, it is written as a text`() async throws {
        try await fuzz("durations", Corpus.bytes("[0,5000000000000000000]", "[-1,18446744073709551615]")) { input in
            let duration = try decodeJSON(Duration.self, from: input.bytes)
            try requireLine(duration.readable + duration.inWords, "a duration")
            _ = Timestamp(seconds: 0) + duration
            return true
        }
    }
}
