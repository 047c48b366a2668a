extension Duration {
    /// Parses `500ms`, `2s`, `5m`, `1h`, `2d`; a bare number is seconds. Zero and more than a year are no durations here.
    package init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count > 0, count < 40_000_000 else { return nil }
        let units = ["ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = units[text.dropFirst(digits.count).lowercased()].map(Duration.milliseconds),
            unit * Int(count) <= .seconds(366 * 86_400)
        else { return nil }
        self = unit * Int(count)
    }

    /// The duration in its largest whole unit: `7 days`, `3 hours`, `90 minutes`.
    package var inWords: String {
        let seconds = nanoseconds / 1_000_000_000
        let units: [(size: Int64, name: String)] = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        let unit = units.first { seconds >= $0.size && seconds.isMultiple(of: $0.size) } ?? (1, "second")
        let count = seconds / unit.size
        return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
    }
}
