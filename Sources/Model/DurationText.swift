extension Duration {
    /// Parses `500ms`, `2s`, `5m`, `1h`, `2d`; a bare number is seconds. Zero and more than a year are no durations here.
    package init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count > 0, count < 40_000_000 else { return nil }
        let unit: Duration
        switch text.dropFirst(digits.count).lowercased() {
        case "ms": unit = .milliseconds(1)
        case "s", "": unit = .seconds(1)
        case "m": unit = .seconds(60)
        case "h": unit = .seconds(3600)
        case "d": unit = .seconds(86_400)
        default: return nil
        }
        guard unit * Int(count) <= .seconds(366 * 86_400) else { return nil }
        self = unit * Int(count)
    }

    /// The duration in its largest whole unit: `7 days`, `3 hours`, `90 minutes`.
    package var inWords: String {
        let seconds = components.seconds
        let (count, unit) =
            if seconds >= 86_400, seconds % 86_400 == 0 {
                (seconds / 86_400, "day")
            } else if seconds >= 3600, seconds % 3600 == 0 {
                (seconds / 3600, "hour")
            } else if seconds >= 60, seconds % 60 == 0 {
                (seconds / 60, "minute")
            } else {
                (seconds, "second")
            }
        return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }
}
