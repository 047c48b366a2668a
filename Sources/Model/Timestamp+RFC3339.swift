extension Timestamp {
    /// Parses RFC 3339 with up to nine fractional digits and `Z` or an offset, as the Docker engine writes it. Nil for anything
    /// else, and for a time before 1970: `0001-01-01T00:00:00Z` is the engine's "never".
    package init?(rfc3339 text: some StringProtocol) {
        var zone = Substring(text.dropFirst(19))
        var fraction = "0"
        if zone.hasPrefix(".") {
            let digits = zone.dropFirst().prefix { Self.isDigit($0) }
            guard (1...9).contains(digits.count) else { return nil }
            fraction = digits + String(repeating: "0", count: 9 - digits.count)
            zone = zone.dropFirst(1 + digits.count)
        }
        guard let local = Self.secondsSinceEpoch(Substring(text.prefix(19))), let offset = Self.offset(zone),
            let nanoseconds = Int64(fraction), (0..<Int64.max / 1_000_000_000).contains(local - offset)
        else { return nil }
        self.init(nanoseconds: (local - offset) * 1_000_000_000 + nanoseconds)
    }

    private static func secondsSinceEpoch(_ text: Substring) -> Int64? {
        guard let fields = numbers(text, "0000-00-00T00:00:00"), (1...12).contains(fields[1]),
            (1...31).contains(fields[2]), fields[3] < 24, fields[4] < 60, fields[5] <= 60
        else { return nil }
        let days = daysSinceEpoch(year: fields[0], month: fields[1], day: fields[2])
        return days * 86_400 + fields[3] * 3600 + fields[4] * 60 + fields[5]
    }

    /// Seconds east of Greenwich: `Z`, `+01:00`, `-05:30`.
    private static func offset(_ zone: Substring) -> Int64? {
        if zone == "Z" || zone == "z" { return 0 }
        guard let sign = zone.first, sign == "+" || sign == "-", let fields = numbers(zone.dropFirst(), "00:00"),
            fields[0] < 24, fields[1] < 60
        else { return nil }
        return (fields[0] * 3600 + fields[1] * 60) * (sign == "-" ? -1 : 1)
    }

    /// The numbers in a text that has digits where `form` has zeros, and otherwise what `form` has.
    private static func numbers(_ text: Substring, _ form: String) -> [Int64]? {
        guard String(text.map { isDigit($0) ? "0" : $0 }) == form else { return nil }
        return text.split { !isDigit($0) }.compactMap { Int64($0) }
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
}
