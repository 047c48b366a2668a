extension Timestamp {
    /// Parses RFC 3339 with up to nine fractional digits and `Z` or an offset, as the Docker engine writes it.
    ///
    /// Nil for anything else, and for a time before 1970: `0001-01-01T00:00:00Z` is the engine's "never".
    package init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, let date = Fields(bytes), date.isInRange else { return nil }
        var index = 19
        var nanoseconds: Int64 = 0
        if bytes[index] == UInt8(ascii: ".") {
            let digits = bytes[(index + 1)...].prefix { Self.digit($0) != nil }
            guard (1...9).contains(digits.count) else { return nil }
            nanoseconds = digits.reduce(0) { $0 * 10 + (Self.digit($1) ?? 0) }
            for _ in digits.count..<9 { nanoseconds *= 10 }
            index += 1 + digits.count
        }
        guard let offset = Self.offset(bytes[index...]) else { return nil }
        let seconds = date.secondsSinceEpoch - offset
        // Int64 nanoseconds end in the year 2262.
        guard (0..<9_000_000_000).contains(seconds) else { return nil }
        self.init(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
    }

    /// Seconds east of Greenwich: `Z`, `+01:00`, `-05:30`.
    private static func offset(_ zone: ArraySlice<UInt8>) -> Int64? {
        let zone = Array(zone)
        if zone == [UInt8(ascii: "Z")] || zone == [UInt8(ascii: "z")] { return 0 }
        guard zone.count == 6, zone[3] == UInt8(ascii: ":"),
            zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"),
            let hours = number(zone[1...2]), let minutes = number(zone[4...5]), hours < 24, minutes < 60
        else { return nil }
        let size = hours * 3600 + minutes * 60
        return zone[0] == UInt8(ascii: "-") ? -size : size
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int64(byte - UInt8(ascii: "0")) : nil
    }

    fileprivate static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for byte in bytes {
            guard let digit = digit(byte) else { return nil }
            value = value * 10 + digit
        }
        return value
    }
}

/// `YYYY-MM-DDThh:mm:ss`, taken apart.
private struct Fields {
    let year: Int64
    let month: Int64
    let day: Int64
    let hour: Int64
    let minute: Int64
    let second: Int64

    init?(_ bytes: [UInt8]) {
        let marks: [(Int, UInt8)] = [
            (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
            (16, UInt8(ascii: ":")),
        ]
        guard marks.allSatisfy({ bytes[$0.0] == $0.1 }),
            let year = Timestamp.number(bytes[0..<4]), let month = Timestamp.number(bytes[5..<7]),
            let day = Timestamp.number(bytes[8..<10]), let hour = Timestamp.number(bytes[11..<13]),
            let minute = Timestamp.number(bytes[14..<16]), let second = Timestamp.number(bytes[17..<19])
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    var isInRange: Bool {
        (1...12).contains(month) && (1...31).contains(day) && hour < 24 && minute < 60 && second <= 60
    }

    var secondsSinceEpoch: Int64 {
        Timestamp.daysSinceEpoch(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    }
}
