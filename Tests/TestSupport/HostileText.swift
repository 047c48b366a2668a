package import Model

/// Plants escape sequences in every text of a document.
package enum HostileText {
    /// It sets a terminal's title and colours, reverses text, and begins a line of its own.
    package static let payload = "\u{1B}]0;owned\u{7}\u{1B}[31m\u{9B}2J\u{202E}\r\u{7F}"

    /// A letter with so many bytes of combining marks, in an order that normalization changes: to compare such a text takes
    /// quadratic time.
    package static func combiningMarks(bytes: Int) -> String {
        "a" + String(repeating: "\u{316}\u{301}", count: bytes / 4)
    }

    /// The document's JSON with the payload in each text that may be any text.
    package static func planted<Document: Codable>(in document: Document) throws -> JSONValue {
        var json = try decodeJSON(JSONValue.self, from: encodeJSON(document))
        for path in paths(of: json) {
            var candidate = json
            candidate.plant(path[...])
            if let decoded = try? decodeJSON(Document.self, from: candidate.bytes),
                try decodeJSON(JSONValue.self, from: encodeJSON(decoded)) == candidate
            {
                json = candidate
            }
        }
        return json
    }

    /// The characters of an output that must not reach a terminal.
    package static func unprintable(in output: String) -> Set<String> {
        Set(output.unicodeScalars.filter { !$0.isPrintable && $0 != "\n" }.map { $0.escaped(asASCII: true) })
    }

    /// Where texts are: the key of a member, or the index of an item.
    package enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    package static func paths(of json: JSONValue) -> [[Step]] {
        switch json {
        case .string: [[]]
        case .array(let items):
            items.enumerated().flatMap { index, item in paths(of: item).map { [.index(index)] + $0 } }
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { key, value in paths(of: value).map { [.key(key)] + $0 } }
        default: []
        }
    }
}

extension JSONValue {
    /// Adds the payload to the text at a path.
    package mutating func plant(_ path: ArraySlice<HostileText.Step>) {
        switch (self, path.first) {
        case (.string(let text), nil): self = .string(text + HostileText.payload)
        case (.array(var items), .index(let index)?):
            items[index].plant(path.dropFirst())
            self = .array(items)
        case (.object(var members), .key(let key)?):
            members[key]?.plant(path.dropFirst())
            self = .object(members)
        default: break
        }
    }
}
