extension Duration {
    /// Parses `500ms`, `2s`, `5m`, `1h`, `2d`; a bare number is seconds. Zero and more than a year are no durations here.
    public init?(text: String) {
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
}
