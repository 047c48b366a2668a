import Model

/// What declares hosts: an object of the engine, with what a source may read of it.
package struct DeclaringObject: Sendable {
    package enum Kind: Sendable { case service, container }

    package let kind: Kind
    package let id: String
    package let name: String
    package let labels: [String: String]
    /// Of a service: the labels that its containers get.
    package let containerLabels: [String: String]
    /// `NAME=VALUE`, in the order in which they were given.
    package let environment: [String]
    /// The TCP ports that it exposes.
    package let ports: [Int]
    /// `running`, `exited`, …; of a service `running` if one of its tasks is.
    package let state: String

    package init(
        kind: Kind,
        id: String = "",
        name: String,
        labels: [String: String],
        containerLabels: [String: String] = [:],
        environment: [String] = [],
        ports: [Int] = [],
        state: String = "running"
    ) {
        (self.kind, self.id, self.name, self.labels) = (kind, id, name, labels)
        (self.containerLabels, self.environment) = (containerLabels, environment)
        (self.ports, self.state) = (ports, state)
    }
}

/// A file that declares hosts, as it was read just now.
package struct DeclaringFile: Sendable {
    /// Bytes of one that is read.
    package static let longest = 1 << 20

    package let path: String
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) { (self.path, self.bytes) = (path, bytes) }
}

/// Where a declaration stands.
package enum DeclarationPlace: Hashable, Sendable {
    /// By its place among the objects that were read.
    case object(Int)
    /// By its path.
    case file(String)
}

/// The key of a declaration. That of a router is put together when it is asked for.
enum DeclarationKey: Hashable, Sendable {
    case text(String)
    case router(String, isTCP: Bool, isLabel: Bool)

    var text: String {
        switch self {
        case .text(let text): text
        case .router(let name, let isTCP, let isLabel):
            "\(isLabel ? "traefik." : "")\(isTCP ? "tcp" : "http").routers.\(name).rule"
        }
    }
}

/// A host that a source found.
package struct DeclaredHost: Hashable, Sendable {
    /// Whether the proxy gets the certificate, or which one is requested.
    package enum Certificate: Hashable, Sendable {
        /// The proxy itself.
        case proxy
        /// It is not declared, so the option of the sources decides.
        case open
        /// Declared: one for this name alone.
        case each
        /// Declared: one for all names of the object that say so.
        case shared
        /// Declared: none.
        case none
    }

    /// Where hosts are declared: the same for all of one router, of which there may be thousands.
    package final class Declaration: Hashable, Sendable {
        let source: String
        let place: DeclarationPlace
        private let key: DeclarationKey

        init(source: String, place: DeclarationPlace, key: DeclarationKey) {
            (self.source, self.place, self.key) = (source, place, key)
        }

        var keyText: String { sanitized(key.text, limit: 120) }

        package static func == (one: Declaration, other: Declaration) -> Bool {
            (one.source, one.place, one.key) == (other.source, other.place, other.key)
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(place)
            hasher.combine(key)
        }
    }

    private let declaration: Declaration
    /// In lower case, without a dot at its end; it may be a wildcard.
    package let name: String
    /// The part of the value that names it, or what a matcher of Traefik is called that holds the name alone.
    private let text: String
    private let isMatcher: Bool
    package let wantsRecord: Bool
    package internal(set) var certificate: Certificate
    /// Why, as a clause: "router app has the resolver le".
    package internal(set) var reason: String

    /// `traefik`
    package var source: String { declaration.source }
    package var place: DeclarationPlace { declaration.place }
    /// The key that holds it: `traefik.http.routers.app.rule`, `VIRTUAL_HOST`.
    package var key: String { declaration.keyText }
    /// The part of the value that names it: ``Host(`app.example.test`)``.
    package var part: String { isMatcher ? "\(text)(`\(name)`)" : text }

    init(
        source: String,
        place: DeclarationPlace,
        name: String,
        key: String,
        part: String,
        wantsRecord: Bool = true,
        certificate: Certificate,
        reason: String
    ) {
        declaration = Declaration(source: source, place: place, key: .text(key))
        (self.name, text, isMatcher) = (name, part, false)
        (self.wantsRecord, self.certificate, self.reason) = (wantsRecord, certificate, reason)
    }

    /// A host of a router for which no certificate is known yet.
    init(_ declaration: Declaration, name: String, in matcher: RuleTree.Matcher) {
        (self.declaration, self.name) = (declaration, name)
        isMatcher = matcher.values == [name] && !matcher.isNegated
        text = isMatcher ? matcher.spelling : matcher.text
        (wantsRecord, certificate, reason) = (true, .open, "no router for it has a resolver")
    }
}

/// A declaration that is not used, and why.
package struct UnusedDeclaration: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// It has to be mended.
        case rejection
        /// It is right, and its object does not serve now; what it had stays.
        case waiting
        /// It is meant so: only `explain` says it.
        case note
    }

    package let source: String
    package let place: DeclarationPlace
    package let key: String
    package let value: String
    /// A clause that follows "refused: ".
    package let reason: String
    package let kind: Kind

    package init(
        source: String,
        place: DeclarationPlace,
        key: String,
        value: String,
        reason: String,
        kind: Kind = .rejection
    ) {
        (self.source, self.place, self.kind) = (source, place, kind)
        self.value = RecordableDeclaration.rule(value)
        (self.key, self.reason) = (sanitized(key, limit: 120), sanitized(reason, limit: 400))
    }
}

/// What a source made of all objects and files.
package struct Declarations: Sendable {
    package var hosts: [DeclaredHost] = []
    package var unused: [UnusedDeclaration] = []
    /// The names that the proxy gets certificates for, in whatever it declares, and why.
    package var proxyCertificates: [String: String] = [:]

    package init() {}
}

/// Turns what one kind of proxy declares into hosts. It is pure, and what it reads is hostile: everything is bounded, and what is
/// wrong is told and stops nothing beside it.
package protocol DeclarationSource: Sendable {
    /// As in `LANDFALL_SOURCES`.
    var name: String { get }

    func read(_ objects: [DeclaringObject], _ files: [DeclaringFile]) -> Declarations
}

/// The reason why a text is no name of a host for which a record can be made; nil if it is one. Underscores pass, as they do at
/// proxies and in DNS.
///
/// - Parameter name: in lower case.
func reasonAgainstHost(_ name: String) -> String? {
    // Nearly all of them are.
    if isPlainHost(name) { return nil }
    let bytes = Array(name.utf8)
    guard !bytes.isEmpty else { return "the name is empty" }
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return "a name with other than ASCII letters is not served" }
    guard bytes.count <= 253 else { return "a name has at most 253 characters" }
    let rest = bytes.starts(with: Array("*.".utf8)) ? bytes.dropFirst(2) : bytes[...]
    if let wrong = rest.first(where: { !isHostByte($0) }) {
        let hint = wrong == UInt8(ascii: "$") ? "; a variable was not replaced" : ""
        return "`\(Character(Unicode.Scalar(wrong)))` is not allowed in a host name\(hint)"
    }
    let labels = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.allSatisfy({ !$0.isEmpty }) else { return "a part between two dots is empty" }
    guard labels.count > 1 else { return "a name of one part lies in no zone" }
    guard labels.allSatisfy({ $0.count <= 63 }) else { return "a part of a name has at most 63 characters" }
    let hyphen = UInt8(ascii: "-")
    guard labels.allSatisfy({ $0.first != hyphen && $0.last != hyphen }) else {
        return "a part of a name does not begin or end with a hyphen"
    }
    guard labels.last?.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) == false else {
        return "an address is not a host name"
    }
    return nil
}

/// Whether it is a host's name without a wildcard.
private func isPlainHost(_ name: String) -> Bool {
    let (dot, hyphen) = (UInt8(ascii: "."), UInt8(ascii: "-"))
    var (last, length, digits, dots) = (dot, 0, 0, 0)
    for byte in name.utf8 {
        if byte == dot {
            guard (1...63).contains(length), last != hyphen else { return false }
            (length, digits, dots) = (0, 0, dots + 1)
        } else {
            guard isHostByte(byte), byte != hyphen || length > 0 else { return false }
            length += 1
            if (0x30...0x39).contains(byte) { digits += 1 }
        }
        last = byte
    }
    return dots > 0 && (1...63).contains(length) && last != hyphen && digits < length && name.utf8.count <= 253
}

private func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
        UInt8(ascii: "."), UInt8(ascii: "_"):
        true
    default: false
    }
}

/// The wildcard whose certificate is good for a host.
func wildcard(above host: String) -> String? {
    guard !host.begins(with: "*"), let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
    return "*" + String(decoding: host.utf8[dot...], as: UTF8.self)
}

/// Whether a certificate for `name` is good for `host`: a wildcard stands for one part.
func covers(_ name: String, _ host: String) -> Bool {
    if name == host { return true }
    guard name.begins(with: "*."), !host.begins(with: "*"), let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")) else {
        return false
    }
    return host.utf8[dot...].elementsEqual(name.utf8.dropFirst())
}

extension String {
    /// ASCII letters in lower case; anything else as it is.
    var asciiLowercased: String {
        let bytes = utf8.span
        for place in bytes.indices where (0x41...0x5A).contains(bytes[place]) {
            return String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
        }
        return self
    }

    /// Without spaces and tabs around it.
    var withoutSpaces: String {
        guard let first = utf8.firstIndex(where: { !isSpace($0) }), let last = utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }

    /// The parts between a separator, by bytes, empty ones too.
    func parts(at separator: Character) -> [String] {
        guard let separator = separator.asciiValue else { return [self] }
        var (parts, start) = ([String](), startIndex)
        parts.reserveCapacity(8)
        for place in utf8.indices where utf8[place] == separator {
            parts.append(String(self[start..<place]))
            start = utf8.index(after: place)
        }
        parts.append(String(self[start...]))
        return parts
    }

    /// By bytes: with a mark after it, a character is another one.
    func begins(with prefix: String) -> Bool {
        let (bytes, wanted) = (utf8.span, prefix.utf8.span)
        guard bytes.count >= wanted.count else { return false }
        for place in wanted.indices where bytes[place] != wanted[place] { return false }
        return true
    }

    /// Whether its bytes come before those of another text.
    func precedes(_ other: String) -> Bool {
        let (own, others) = (utf8.span, other.utf8.span)
        for place in 0..<min(own.count, others.count) where own[place] != others[place] {
            return own[place] < others[place]
        }
        return own.count < others.count
    }

    func ends(with suffix: String) -> Bool {
        let (bytes, wanted) = (utf8.span, suffix.utf8.span)
        let start = bytes.count - wanted.count
        guard start >= 0 else { return false }
        for place in wanted.indices where bytes[start + place] != wanted[place] { return false }
        return true
    }

    /// Whether the bytes of a text are in it.
    func holds(_ text: String) -> Bool { ByteSearch(text).first(in: Array(utf8)) != nil }

    /// Without bytes at its beginning and its end.
    func without(first: Int = 0, last: Int = 0) -> String {
        String(decoding: utf8.dropFirst(first).dropLast(last), as: UTF8.self)
    }
}

/// Whether a byte is white space of ASCII.
package func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// Looks for bytes, in a time that grows with their number and no faster (Knuth, Morris and Pratt): both may be hostile.
struct ByteSearch {
    private let wanted: [UInt8]
    /// For each place, how many bytes before and at it are also the first of those that are wanted.
    private var borders: [Int] = []

    init(_ wanted: String) {
        self.wanted = Array(wanted.utf8)
        for (place, byte) in self.wanted.enumerated() {
            borders.append(place == 0 ? 0 : advanced(borders[place - 1], by: byte))
        }
    }

    private func advanced(_ matched: Int, by byte: UInt8) -> Int {
        var matched = matched
        while matched > 0, wanted[matched] != byte { matched = borders[matched - 1] }
        return wanted[matched] == byte ? matched + 1 : 0
    }

    func first(in bytes: [UInt8], from start: Int = 0) -> Int? {
        guard !wanted.isEmpty else { return start }
        var matched = 0
        for place in start..<bytes.count {
            matched = advanced(matched, by: bytes[place])
            if matched == wanted.count { return place + 1 - matched }
        }
        return nil
    }
}
