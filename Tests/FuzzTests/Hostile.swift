import TestSupport

/// What stands in the place of a number or a text.
enum Hostile {
    static let numbers: [[UInt8]] =
        (Extremes.numbers + [
            "-1e400", "NaN", "-Infinity", "00", "+1", "0x10", "1_000", "-", "1.", "99999999999999999999",
            "340282366920938463463374607431768211456", "65535", "65536", "255", "256", "16777216", "2026", "9999",
            "10000",
            "null", "\"1\"", "true", "[1]", String(repeating: "9", count: 400),
            "0." + String(repeating: "0", count: 400),
            "٣",
        ]).map { Array($0.utf8) }

    static let texts: [[UInt8]] =
        [
            "", " ", "\u{0}", HostileText.payload, "\u{FEFF}", "é", "ß", "İ", "\u{2126}", "🌊", "👨‍👩‍👧", "\u{202E}",
            "\u{2028}", "\u{85}",
            "a\u{316}\u{301}", "a\nb", "a\r\nX: y", "\t", "-", "--help", ".", "..", "../../etc/passwd", "*", "*.*",
            "*.", "xn--",
            "xn--a", "a.b", "_a.b", "${X}", "%s%n%00", "'", "\"", "\\", "\\u0000", "\\ud800", "`", "null", "true", "{}",
            "[]",
            "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59", "1969-12-31T23:59:60Z",
            "2262-04-11T23:47:16Z",
            "http://x", "https://[::1", "https://user:x@y/", "::1", "::ffff:1.2.3.4", "255.255.255.255", "SIGHUP", "=",
            ",", ";",
            ":", "/", "#", "@", "&", "<", ">", "retry after 9999-99-99 99:99:99", "landfall:", "landfall.host",
            String(repeating: "a", count: 64), String(repeating: "a.", count: 130), String(repeating: "9", count: 30),
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80], [0xE2, 0x80],
        ]

    static let longTexts: [[UInt8]] = [
        String(repeating: "a", count: 17_000), "a" + String(repeating: "\u{316}\u{301}", count: 5000),
        String(repeating: ",", count: 20_000), String(repeating: "a,", count: 10_000),
        String(repeating: "b.c,", count: 5000), String(repeating: " ", count: 20_000),
        String(repeating: "\u{1B}", count: 5000), String(repeating: "🌊", count: 5000),
        String(repeating: "\n", count: 20_000), String(repeating: "x\n", count: 10_000),
        String(repeating: "\\u0316", count: 5000), String(repeating: "e\u{301}", count: 8000),
        String(repeating: "=", count: 20_000), String(repeating: "\u{200D}", count: 5000),
        String(repeating: "\"", count: 5000), String(repeating: "9", count: 20_000),
    ].map { Array($0.utf8) }

    /// What the formats are made of, JSON and DER among them.
    static let pieces: [[UInt8]] =
        ["{", "}", "[", "]", ":", ",", "\"", "\\", "\r", "\n", "\u{1E}", "0", "-1", "1e3", " = ", ".", "\u{7F}"].map {
            Array($0.utf8)
        } + [
            [0], [0, 0, 0, 0], [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x30, 0x80], [0xC0, 0x0C], [0xFF, 0xFF],
            [0x7F, 0xFF, 0xFF, 0xFF],
        ]

    /// As a text of JSON has it; bytes that are no text stay.
    static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
            case ..<0x20: Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: [byte]
            }
        }
    }
}
