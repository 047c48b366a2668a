extension Timestamp {
    /// Parses RFC 3339 with up to nine fractional digits and `Z` or an offset, as the Docker engine writes it. Nil for anything
    /// else, and for a time before 1970: `0001-01-01T00:00:00Z` is the engine's "never".
    package init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, let local = Self.secondsSinceEpoch(bytes) else { return nil }
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
        let seconds = local - offset
        guard (0..<Int64.max / 1_000_000_000).contains(seconds) else { return nil }
        self.init(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
    }

    /// Of `YYYY-MM-DDThh:mm:ss`.
    private static func secondsSinceEpoch(_ bytes: [UInt8]) -> Int64? {
        guard zip([4, 7, 10, 13, 16], "--T::".utf8).allSatisfy({ bytes[$0] == $1 }) else { return nil }
        let fields = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].compactMap { number(bytes[$0]) }
        guard fields.count == 6, (1...12).contains(fields[1]), (1...31).contains(fields[2]), fields[3] < 24,
            fields[4] < 60, fields[5] <= 60
        else { return nil }
        let days = daysSinceEpoch(year: fields[0], month: fields[1], day: fields[2])
        return days * 86_400 + fields[3] * 3600 + fields[4] * 60 + fields[5]
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

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for byte in bytes {
            guard let digit = digit(byte) else { return nil }
            value = value * 10 + digit
        }
        return value
    }
}
