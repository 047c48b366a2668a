import CIDN2
import CPSL

/// A host name that has been checked: A-labels, lower case, no trailing dot, `*` only as the whole first label. Everything
/// that reaches a provider, a path or an argument vector is one of these, never a label's raw text.
/// Rules: RFC 1123 §2.1 (letters, digits, hyphen), RFC 1035 §2.3.4 (63 and 253 octets), RFC 5891 (IDNA2008).
package struct DomainName: Hashable, Sendable {
    package let text: String

    /// Checks and normalises what a person typed: `Bücher.Example.` becomes `xn--bcher-kva.example`.
    package init(_ input: some StringProtocol) throws(DomainNameError) {
        guard input.utf8.count <= Self.inputLimit else { throw .tooLong }
        var name = String(input)
        guard !Self.isNormal(name) else {
            text = name
            return
        }
        if name.hasSuffix(".") { name.removeLast() }
        guard !name.isEmpty else { throw .empty }
        let wildcard = name.hasPrefix("*.")
        let rest = wildcard ? String(name.dropFirst(2)) : name
        try Self.refuseForeignSyntax(rest)
        let ascii = try Self.aLabels(rest)
        // Once more: the mapping of IDNA makes `,` of the full-width `，`, and a `*` of its kin.
        try Self.refuseForeignSyntax(ascii)
        try Self.checkLabels(of: ascii)
        let text = wildcard ? "*." + ascii : ascii
        guard text.utf8.count <= 253 else { throw .tooLong }
        guard !Self.looksLikeAddress(ascii) else { throw .address }
        self.text = text
    }

    /// Bytes before they are converted: each of 253 characters may take four.
    private static let inputLimit = 1024

    /// A name that a proxy or DNS has, which may hold underscores, though not at the beginning of a part: such names are of
    /// services, and not of hosts (RFC 8552). No authority issues certificates for it.
    package init(served input: some StringProtocol) throws(DomainNameError) {
        let underscore = UInt8(ascii: "_")
        guard input.utf8.contains(underscore) else {
            try self.init(input)
            return
        }
        var bytes = Array(input.utf8)
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        let parts = bytes.split(separator: UInt8(ascii: "."))
        guard bytes.allSatisfy({ $0 < 0x80 }), parts.allSatisfy({ $0.first != underscore }) else {
            throw .character("_")
        }
        let plain = try DomainName(
            String(decoding: bytes.map { $0 == underscore ? UInt8(ascii: "x") : $0 }, as: UTF8.self)
        )
        let served = zip(plain.text.utf8, bytes).map { $1 == underscore ? $1 : $0 }
        self = DomainName(checked: String(decoding: served, as: UTF8.self))
    }

    /// A name built from parts that were checked before.
    private init(checked text: String) { self.text = text }

    /// Whether a certificate can be had for it.
    package var isCertifiable: Bool { !text.utf8.contains(UInt8(ascii: "_")) }

    package var isWildcard: Bool { text.hasPrefix("*.") }

    /// The name without its `*.`.
    package var withoutWildcard: DomainName { isWildcard ? DomainName(checked: String(text.dropFirst(2))) : self }

    package var labels: [Substring] { text.split(separator: ".") }

    /// The name one label up, or nil for a single label.
    package var parent: DomainName? {
        guard let dot = text.firstIndex(of: ".") else { return nil }
        return DomainName(checked: String(text[text.index(after: dot)...]))
    }

    /// `*.` before this name.
    package var wildcard: DomainName { DomainName(checked: "*." + withoutWildcard.text) }

    /// Whether the name is `zone` or lies below it; whole labels are compared, so `notexample.test` is not in `example.test`.
    package func isWithin(_ zone: DomainName) -> Bool { text == zone.text || text.hasSuffix("." + zone.text) }

    /// The name itself and all that it lies within, the longest first: `www.example.test`, `example.test`, `test`.
    package var ancestry: some Sequence<Substring> {
        sequence(first: text[...]) { name in
            name.firstIndex(of: ".").map { name[name.index(after: $0)...] }
        }
    }

    /// Whether a certificate for this name is valid for `host` (RFC 6125 §6.4.3: a wildcard stands for exactly one label).
    package func covers(_ host: DomainName) -> Bool {
        text == host.text || (isWildcard && !host.isWildcard && host.parent == withoutWildcard)
    }

    /// This name placed below `zone`: `www` and `example.test` give `www.example.test`.
    package func below(_ zone: DomainName) throws(DomainNameError) -> DomainName {
        try DomainName(text + "." + zone.text)
    }
}

extension DomainName {
    /// Whether a text is a name just as it is kept, which nearly all are. It spares them the checks that explain what is wrong
    /// with the others; one that looks like an A-label (`xn--`) is checked by them too.
    private static func isNormal(_ text: String) -> Bool {
        let (dot, hyphen) = (UInt8(ascii: "."), UInt8(ascii: "-"))
        var (length, last, hasLetter) = (0, dot, false)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): hasLetter = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case hyphen where length > 0 && !(length == 3 && last == hyphen): break
            case dot where length > 0 && last != hyphen: (length, hasLetter) = (-1, false)
            default: return false
            }
            (length, last) = (length + 1, byte)
            if length > 63 { return false }
        }
        return length > 0 && last != hyphen && hasLetter && text.utf8.count <= 253
    }

    private static func refuseForeignSyntax(_ text: String) throws(DomainNameError) {
        if text.contains("://") { throw .url }
        if text.contains("@") { throw .email }
        if text.contains("*") { throw .misplacedWildcard }
        for scalar in text.unicodeScalars where scalar.isASCII && !Self.allowed(scalar) {
            throw .character(scalar)
        }
    }

    private static func allowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", ".": true
        default: false
        }
    }

    private static func aLabels(_ text: String) throws(DomainNameError) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) && !text.lowercased().contains("xn--") {
            return text.lowercased()
        }
        guard let converted = unsafe landfall_idn2_to_ascii(text) else { throw .notIDNA }
        defer { unsafe landfall_idn2_free(converted) }
        return unsafe String(cString: converted).lowercased()
    }

    private static func checkLabels(of name: String) throws(DomainNameError) {
        for label in name.split(separator: ".", omittingEmptySubsequences: false) {
            guard !label.isEmpty else { throw .emptyLabel }
            guard label.unicodeScalars.allSatisfy(allowed) else { throw .notIDNA }
            guard label.utf8.count <= 63 else { throw .labelTooLong(String(label)) }
            guard !label.hasPrefix("-"), !label.hasSuffix("-") else { throw .hyphen(String(label)) }
        }
    }

    /// No top-level domain is all digits, so such a name is an IPv4 address or a slip (RFC 3696 §2).
    private static func looksLikeAddress(_ name: String) -> Bool {
        guard name.contains("."), let last = name.split(separator: ".").last else { return false }
        return last.allSatisfy(\.isNumber)
    }
}

extension DomainName: CustomStringConvertible, Comparable, Codable {
    package var description: String { text }

    package static func < (left: DomainName, right: DomainName) -> Bool { left.text < right.text }

    package init(from decoder: any Decoder) throws {
        try self.init(served: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Why a text is no host name; the description is a clause that follows "refused: ".
package enum DomainNameError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty, emptyLabel, tooLong, url, email, address, misplacedWildcard, notIDNA
    case character(Unicode.Scalar)
    case labelTooLong(String)
    case hyphen(String)

    package var description: String {
        switch self {
        case .empty: "the name is empty"
        case .emptyLabel: "a part between two dots is empty"
        case .tooLong: "a name has at most 253 characters"
        case .url: "a URL is not a host name; give the host alone"
        case .email: "an e-mail address is not a host name"
        case .address: "an address is not a host name"
        case .misplacedWildcard: "`*` may only be the whole first part, as in *.example.org"
        case .notIDNA: "not a valid international name (IDNA2008)"
        case .character(let scalar): "`\(scalar.escaped(asASCII: true))` is not allowed in a host name"
        case .labelTooLong(let label): "the part `\(label.prefix(20))…` has more than 63 characters"
        case .hyphen(let label): "the part `\(label)` begins or ends with a hyphen"
        }
    }
}

extension DomainName {
    /// The registered domain, by https://publicsuffix.org: `example.co.uk` of `*.www.example.co.uk`; nil of a public suffix.
    package var registrableDomain: DomainName? {
        let domain = unsafe withoutWildcard.text.withCString { text in
            // It points into `text`.
            unsafe landfall_psl_registrable_domain(text).map { unsafe String(cString: $0) }
        }
        return domain.flatMap { try? DomainName($0) }
    }
}

extension DomainName {
    /// Whether the name ends in a public suffix, by https://publicsuffix.org: `shop.example.net` does, and `web.lab` does
    /// not.
    package var endsInPublicSuffix: Bool {
        withoutWildcard.ancestry.contains { name in
            unsafe String(name).withCString { text in unsafe landfall_psl_lists(text) != 0 }
        }
    }
}

extension DomainName {
    /// Whether the name, without its `*.`, is a public suffix of ICANN's part of that list, such as `co.uk`.
    package var isRegistrySuffix: Bool {
        unsafe withoutWildcard.text.withCString { text in unsafe landfall_psl_lists_icann(text) != 0 }
    }

    /// The names without those that a wildcard among them covers.
    package static func withoutCovered(_ names: [DomainName]) -> [DomainName] {
        let wildcards = Set(names.filter(\.isWildcard))
        return names.filter { name in
            name.isWildcard || !(name.parent.map { wildcards.contains($0.wildcard) } ?? false)
        }
    }
}

/// `LANDFALL_QUALIFY`: which names that lie in no zone are placed below the default domain.
package enum Qualification: String, Hashable, Sendable {
    /// Those that do not end in a public suffix: `web`, and `web.lab`.
    case short
    /// All of them.
    case dotted
}
