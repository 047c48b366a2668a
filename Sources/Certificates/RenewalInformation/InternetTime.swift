import Model

/// A time as RFC 3339 writes it: `2025-01-02T04:00:00Z`, `2025-01-02T06:00:00.5+02:00`. Parts of a second are dropped.
struct InternetTime {
    let timestamp: Timestamp

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
            let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60,
            let offset = Self.offset(bytes[19...])
        else { return nil }
        let days = Timestamp.daysSinceEpoch(year: year, month: month, day: day)
        timestamp = Timestamp(seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self))
    }

    /// Seconds east of UTC.
    private static func offset(_ rest: ArraySlice<UInt8>) -> Int64? {
        var rest = rest
        if rest.first == UInt8(ascii: ".") {
            let zone = rest.dropFirst().drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard zone.startIndex > rest.startIndex + 1 else { return nil }
            rest = zone
        }
        guard let sign = rest.first else { return nil }
        if sign | 0x20 == UInt8(ascii: "z") { return rest.count == 1 ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), rest.count == 6,
            rest[rest.startIndex + 3] == UInt8(ascii: ":"),
            let hours = number(rest[(rest.startIndex + 1)..<(rest.startIndex + 3)]),
            let minutes = number(rest[(rest.startIndex + 4)..<(rest.startIndex + 6)])
        else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}
