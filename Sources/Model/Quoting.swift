/// Text from labels and from the network, made fit for a line of a log, a terminal or a chat: control characters become
/// spaces, and it is cut at `limit` characters.
public func sanitized(_ text: some StringProtocol, limit: Int = 300) -> String {
    let text = String(text)
    // Nearly all of it is plain, and a storm of events brings much.
    if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var result = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        let printable = scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && !steersText(scalar)
        result.unicodeScalars.append(printable ? scalar : " ")
    }
    return text.unicodeScalars.count > limit ? result + "…" : result
}

/// Bidirectional controls and line separators, which could make a line read as something it is not.
private func steersText(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
}

extension StringProtocol {
    /// Without white space at either end.
    public var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
