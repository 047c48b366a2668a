import Model

/// Parses texts and collects all errors, so that one start reports them all.
struct Reader {
    private let raw: RawConfiguration
    private(set) var problems: [String] = []
    private(set) var warnings: [String] = []

    init(_ raw: RawConfiguration) { self.raw = raw }

    func text(_ name: String) -> String? { raw.value(name) }

    func secret(_ name: String) -> Secret? { raw.value(name).map(Secret.init) }

    /// The parsed value, or the default if it is unset or, after noting a problem, if it cannot be parsed.
    mutating func value<Value>(_ name: String, standard: Value, _ parse: (String) -> Value?) -> Value {
        optional(name, parse) ?? standard
    }

    mutating func optional<Value>(_ name: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = raw.value(name) else { return nil }
        if let value = parse(text) { return value }
        rejectValue(name, text)
        return nil
    }

    /// A comma-separated list of one item or more; a problem names the item.
    mutating func list<Item>(_ name: String, _ parse: (String) -> Item?) -> [Item] {
        guard let text = raw.value(name) else { return [] }
        var items: [Item] = []
        let parts = text.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
        if parts.isEmpty { rejectValue(name, text) }
        for part in parts {
            if let item = parse(part) { items.append(item) } else { rejectValue(name, part) }
        }
        return items
    }

    mutating func reject(_ problem: String) { problems.append(problem) }

    /// Notes what does not stop Landfall.
    mutating func warn(_ sentence: String) { warnings.append(sentence) }

    private mutating func rejectValue(_ name: String, _ text: String) {
        guard let variable = Variable.all.first(where: { $0.name == name }) else { return }
        let got = variable.isSecret ? "its value is not valid" : "got `\(sanitized(text, limit: 60))`"
        problems.append("\(name) takes \(variable.takes); \(got)")
    }
}

/// `on`, `yes`, `true`, `1` and their opposites, any letter case.
func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "on", "yes", "true", "1": true
    case "off", "no", "false", "0": false
    default: nil
    }
}

func number(in range: ClosedRange<Int>) -> (String) -> Int? {
    { Int($0).flatMap { range.contains($0) ? $0 : nil } }
}

/// Whether a text has nothing but ASCII letters, digits, dots, hyphens and underscores.
func isPlain(_ text: String) -> Bool {
    text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
}

/// An absolute http or https URL without credentials, spaces or a fragment; a final slash is dropped.
func webURL(_ text: String) -> String? {
    let schemes = ["https://", "http://"]
    guard let scheme = schemes.first(where: text.lowercased().hasPrefix) else { return nil }
    let rest = text.dropFirst(scheme.count)
    guard rest.first.map({ $0.isLetter || $0.isNumber || $0 == "[" }) == true else { return nil }
    guard rest.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0 != "#" && $0 != "\\" && $0 != "\"" })
    else { return nil }
    guard !rest.prefix(while: { $0 != "/" }).contains("@") else { return nil }
    return text.hasSuffix("/") ? String(text.dropLast()) : text
}

/// An absolute path without `..`.
func path(_ text: String) -> String? {
    // By bytes, as the system reads it: with a combining mark after it, a slash is another `Character`.
    let (bytes, slash) = (text.utf8, UInt8(ascii: "/"))
    let parts = bytes.split(separator: slash)
    guard bytes.first == slash, !parts.contains(where: { $0.elementsEqual("..".utf8) }) else { return nil }
    return bytes.count > 1 && bytes.last == slash ? String(decoding: bytes.dropLast(), as: UTF8.self) : text
}

func domainName(_ text: String) -> DomainName? {
    guard let name = try? DomainName(text), !name.isWildcard else { return nil }
    return name
}

func emailAddress(_ text: String) -> String? {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, domainName(String(parts[1])) != nil, !text.hasPrefix("-") else {
        return nil
    }
    return text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "," && $0 != "\"" } ? text : nil
}

/// A label key as Docker accepts it.
func labelKey(_ text: String) -> String? {
    text.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0 != "=" } ? text : nil
}
