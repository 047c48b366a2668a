import Glibc

/// Makes outside text safe for one line of a log, a terminal or a chat: control characters become spaces, and it is cut.
/// Everything that is printed goes through this function, at the latest when it is printed.
///
/// The limit cuts words, never a link, which would lead nowhere: the first link that does not fit follows the mark of the
/// cut.
///
/// - Parameter keepsLinks: false where no person is to open one, as in what a label holds.
package func sanitized(_ text: some StringProtocol, limit: Int = 300, keepsLinks: Bool = true) -> String {
    let text = String(text)
    // Nearly all of it is plain, and a storm of events brings much.
    if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
        end < scalars.endIndex
    else { return printable(scalars[...]) }
    guard keepsLinks, let link = Link.firstRange(in: scalars, after: end) else {
        return printable(scalars[..<end]) + "…"
    }
    return printable(scalars[..<min(end, link.lowerBound)]) + "… " + printable(scalars[link])
}

private func printable(_ scalars: Substring.UnicodeScalarView) -> String {
    var result = ""
    for scalar in scalars { result.unicodeScalars.append(scalar.isPrintable ? scalar : " ") }
    return result
}

/// A link in a text: `http://` or `https://`, and what may be in a URL (RFC 3986 §2).
private enum Link {
    /// Scalars; what is longer is no link that a person could open.
    private static let longest = 2000

    /// The first link that ends after `end`.
    static func firstRange(in scalars: String.UnicodeScalarView, after end: String.Index) -> Range<String.Index>? {
        var start = scalars.startIndex
        while let found = scalars[start...].firstRange(of: "://".unicodeScalars) {
            let before = Substring(scalars[..<found.lowerBound])
            let stop = scalars[found.upperBound...].firstIndex { !isPart($0) } ?? scalars.endIndex
            start = stop
            guard let scheme = ["https", "http"].first(where: before.hasSuffix), stop > end, stop > found.upperBound
            else { continue }
            let first = scalars.index(found.lowerBound, offsetBy: -scheme.count)
            return scalars.distance(from: first, to: stop) <= longest ? first..<stop : nil
        }
        return nil
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        (0x21...0x7E).contains(scalar.value) && !"\"<>\\^`{|}".unicodeScalars.contains(scalar)
    }
}

/// The limits of what one label may cost; its value is measured in bytes before anything else is done with it.
package enum LabelLimits {
    /// Bytes of a value.
    package static let value = 16 << 10
    /// Labels of one object that are kept, in the order of their keys.
    private static let count = 1000
    /// Hosts that one service requests, unless the configuration says otherwise.
    package static let hosts = 100
    /// Rejections of one label that are listed.
    package static let rejections = 10

    /// Why a value is not read, as a clause; nil when it is.
    package static func reason(against value: String) -> String? {
        value.utf8.count > Self.value ? "a label's value has at most \(Self.value) bytes, and this one has more" : nil
    }

    /// An object's labels, as far as they are kept: what is too long only as far as that shows.
    package static func shortened(_ labels: [String: String]) -> [String: String] {
        guard labels.count > count || labels.contains(where: { isLong($0.key) || isLong($0.value) }) else {
            return labels
        }
        let kept = labels.keys.filter { !isLong($0) }.sorted().prefix(count)
        return kept.reduce(into: [:]) { kept, key in
            let value = labels[key] ?? ""
            kept[key] = isLong(value) ? String(decoding: value.utf8.prefix(Self.value + 1), as: UTF8.self) : value
        }
    }

    private static func isLong(_ text: String) -> Bool { text.utf8.count > value }
}

extension Unicode.Scalar {
    /// Whether it is neither a control character nor a bidirectional control or a line separator, which could make a line
    /// look like another one.
    package var isPrintable: Bool {
        switch value {
        case ..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}

/// The texts as lines, each of which may hold outside text.
package func printedLines(_ texts: [String]) -> String {
    texts.map { sanitized($0, limit: .max) }.joined(separator: "\n")
}

extension StringProtocol {
    /// Without white space at either end.
    package var trimmed: String {
        // By scalars: to find the characters from the end, some runs of them have to be read again and again.
        let start = String(self)[...].unicodeScalars.drop(while: \.properties.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}

/// Names as part of a sentence: up to four, or the first three and how many more.
package func named(_ names: some Collection<String>) -> String {
    guard names.count > 4 else { return names.joined(separator: ", ") }
    return names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
}

/// The C library's sentence for an errno value.
package func systemErrorText(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "system error \(code)" }
    return unsafe String(cString: text)
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 §2.1).
package func percentEncoded(_ text: String, uppercase: Bool = true) -> String {
    text.utf8.reduce(into: "") { result, byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = hexadecimal([byte])
            result += "%" + (uppercase ? digits.uppercased() : digits)
        }
    }
}

/// Two lower-case hexadecimal digits for each byte.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// A container's name for people: of a Swarm's task (`proxy.1.x5k…`) its service and replica, `proxy.1`; of a global
/// service's (`agent.NODE.TASK`) its service and the beginning of its node's ID.
package func displayName(ofContainer name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    func isID(_ part: Substring) -> Bool {
        part.count == 25 && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
    }
    guard parts.count >= 3, isID(parts[parts.count - 1]) else { return name }
    let service = parts.dropLast(2).joined(separator: ".")
    let slot = parts[parts.count - 2]
    return isID(slot) ? "\(service)@\(slot.prefix(5))" : "\(service).\(slot)"
}
