import FoundationEssentials
import Model

/// A value as JSON for programs and people: sorted keys, indented.
func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return "null" }
    return String(decoding: data, as: UTF8.self)
}

/// The same on one line.
func jsonLine(_ value: some Encodable) -> String {
    (try? encodeJSON(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
}
