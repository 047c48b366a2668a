import Model

/// Which of its languages a rule of Traefik is written in.
enum TraefikSyntax: String { case v2, v3 }

/// A rule of a router, checked as Traefik checks it.
struct TraefikRule {
    /// The names that it may let in, each with the matcher that names it.
    private(set) var hosts: [(name: String, matcher: RuleTree.Matcher)] = []
    /// Parts that name no host, and why.
    private(set) var unused: [(part: String, reason: String)] = []
    /// Whether it names a host that a connection without TLS cannot tell.
    private(set) var needsTLS = false

    /// - Parameters:
    ///   - isTCP: whether it belongs to a TCP router.
    init(_ tree: RuleTree, _ syntax: TraefikSyntax, isTCP: Bool) throws(RuleError) {
        let tree = try TraefikMatchers.of(syntax, isTCP: isTCP).checked(tree)
        let mayHoldForAll = tree.mayHoldForAll
        var seen: Set<String> = []
        var isFirst = true
        tree.forEach { matcher in
            if matcher.hosts.isEmpty, matcher.name.begins(with: "Host") {
                unused.append((matcher.text, "a regular expression is not guessed; name the hosts"))
            }
            if isFirst, matcher.name == "HostSNI", !matcher.isNegated {
                (isFirst, needsTLS) = (false, matcher.values.first != "*")
            }
            for name in matcher.hosts where seen.insert(name).inserted {
                if name == "*", isTCP { continue }
                if let reason = reasonAgainst(name, syntax) {
                    if !matcher.isNegated { unused.append((matcher.text, reason)) }
                } else if mayHoldForAll || tree.mayHold(for: name) {
                    hosts.append((name, matcher))
                }
            }
        }
    }

    private func reasonAgainst(_ name: String, _ syntax: TraefikSyntax) -> String? {
        if syntax == .v2, name.begins(with: "*.") { return "in v2 syntax a wildcard matches no request" }
        return reasonAgainstHost(name)
    }

    /// The names that Traefik's resolvers get certificates for, whether or not it accepts the rule.
    static func certificateNames(_ tree: RuleTree, isTCP: Bool) -> [String] {
        let known = TraefikMatchers.of(nil, isTCP: isTCP)
        var (names, isKnown): ([String], Bool) = ([], true)
        tree.forEach { matcher in
            guard let name = known.name(of: matcher) else { return isKnown = false }
            guard !matcher.isNegated, name == (isTCP ? "HostSNI" : "Host") else { return }
            for value in matcher.values { if let name = certificateName(value) { names.append(name) } }
        }
        return isKnown ? names : []
    }

    /// A name in the form in which a certificate has it; nil for what is none.
    static func certificateName(_ text: String) -> String? {
        let name = TraefikMatchers.normal(text)
        let reason = reasonAgainstHost(name)
        return reason == nil || reason == "a part of a name has at most 63 characters" ? name : nil
    }
}

/// The matchers of one syntax (https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/,
/// https://doc.traefik.io/traefik/v2.11/routing/routers/#rule).
struct TraefikMatchers: Sendable {
    private enum Value: Sendable {
        case host, template, expression, path, pathTemplate, parameter, address, sni, plainSNI, protocolName, any
    }

    private struct Form: Sendable {
        let counts: ClosedRange<Int>
        let value: Value
        /// Whether the first of its values, or of each pair, is the name of a header or a parameter.
        var isNamed = false
        var isPaired = false
    }

    private let forms: [String: Form]
    private let spellings: [String: String]

    private static let all = [TraefikSyntax.v3, .v2, nil].flatMap { syntax in
        [false, true].map { TraefikMatchers(syntax, isTCP: $0) }
    }

    /// - Parameter syntax: nil: all of them.
    static func of(_ syntax: TraefikSyntax?, isTCP: Bool) -> TraefikMatchers {
        all[(syntax == .v3 ? 0 : syntax == .v2 ? 2 : 4) + (isTCP ? 1 : 0)]
    }

    private init(_ syntax: TraefikSyntax?, isTCP: Bool) {
        switch syntax {
        case .v3: forms = isTCP ? Self.tcp : Self.v3
        case .v2: forms = isTCP ? Self.tcpV2 : Self.v2
        case nil: forms = isTCP ? Self.tcp : Self.v3.merging(Self.v2) { first, _ in first }
        }
        spellings = forms.keys.reduce(into: [:]) { spellings, name in
            let lower = name.asciiLowercased
            for spelling in [name, lower, name.uppercased(), lower.prefix(1).uppercased() + lower.dropFirst()] {
                spellings[spelling] = name
            }
        }
    }

    private static let any = 1...1000
    private static let v3 = [
        "Host": Form(counts: 1...1, value: .host), "HostRegexp": Form(counts: 1...1, value: .expression),
        "Path": Form(counts: 1...1, value: .path), "PathPrefix": Form(counts: 1...1, value: .path),
        "PathRegexp": Form(counts: 1...1, value: .expression), "Method": Form(counts: 1...1, value: .any),
        "ClientIP": Form(counts: 1...1, value: .address), "Header": Form(counts: 2...2, value: .any),
        "HeaderRegexp": Form(counts: 2...2, value: .expression, isNamed: true),
        "Query": Form(counts: 1...2, value: .any),
        "QueryRegexp": Form(counts: 1...2, value: .expression, isNamed: true),
    ]
    private static let v2 = [
        "Host": Form(counts: any, value: .host), "HostHeader": Form(counts: any, value: .host),
        "HostRegexp": Form(counts: any, value: .template), "Path": Form(counts: any, value: .pathTemplate),
        "PathPrefix": Form(counts: any, value: .pathTemplate), "Method": Form(counts: any, value: .any),
        "ClientIP": Form(counts: any, value: .address), "Headers": Form(counts: any, value: .any, isPaired: true),
        "HeadersRegexp": Form(counts: any, value: .expression, isNamed: true, isPaired: true),
        "Query": Form(counts: any, value: .parameter, isPaired: true),
    ]
    private static let tcp = [
        "HostSNI": Form(counts: 1...1, value: .sni), "HostSNIRegexp": Form(counts: 1...1, value: .expression),
        "ClientIP": Form(counts: 1...1, value: .address), "ALPN": Form(counts: 1...1, value: .protocolName),
    ]
    private static let tcpV2 = [
        "HostSNI": Form(counts: any, value: .plainSNI), "HostSNIRegexp": Form(counts: any, value: .template),
        "ClientIP": Form(counts: any, value: .address), "ALPN": Form(counts: any, value: .protocolName),
    ]

    /// A matcher's own name, however it is spelled.
    func name(of matcher: RuleTree.Matcher) -> String? { spellings[matcher.name] }

    /// The rule with its matchers' own names, if it has only matchers of this syntax, with valid values.
    func checked(_ tree: RuleTree) throws(RuleError) -> RuleTree {
        try tree.mapped { matcher throws(RuleError) in
            guard let name = name(of: matcher), let form = forms[name] else {
                throw RuleError("`\(sanitized(matcher.name, limit: 40))` is no matcher here")
            }
            var named = matcher
            named.name = name
            try check(named, form)
            if case .template = form.value { named.name = Self.template }
            named.hosts = Self.names(in: named)
            return named
        }
    }

    /// What v2 calls HostRegexp and HostSNIRegexp: a name that may hold variables.
    static let template = "HostTemplate"

    private func check(_ matcher: RuleTree.Matcher, _ form: Form) throws(RuleError) {
        let values = matcher.values
        guard !values.isEmpty, values.allSatisfy({ !$0.isEmpty }) else {
            throw RuleError("\(matcher.name) has an empty value; a variable may not be set")
        }
        guard form.counts.contains(values.count) else {
            let hint = matcher.name.begins(with: "Host") ? "; in v3 syntax several are joined by `||`" : ""
            throw RuleError("\(matcher.name) has \(values.count) values, which this syntax does not take\(hint)")
        }
        // `NAME=VALUE` is a pair as well.
        let parts = form.value == .parameter ? values.count + values.count { $0.holds("=") } : values.count
        guard !form.isPaired || parts.isMultiple(of: 2) else { throw RuleError("\(matcher.name) takes pairs") }
        for (place, value) in values.enumerated() {
            if form.isNamed, form.isPaired ? place.isMultiple(of: 2) : place == 0 { continue }
            if let reason = reason(against: value, form.value) { throw RuleError("\(matcher.name): \(reason)") }
        }
    }

    private func reason(against value: String, _ form: Value) -> String? {
        let isASCII = value.utf8.allSatisfy { $0 < 0x80 }
        switch form {
        case .host: return isASCII ? nil : "Traefik refuses a name with other than ASCII letters; write it as xn--…"
        case .template: return isASCII ? templateReason(value) : "other than ASCII letters are not allowed"
        case .expression: return GoExpression.reason(against: value)
        case .parameter: return templateReason(value)
        case .path: return value.begins(with: "/") ? nil : "`\(sanitized(value, limit: 40))` does not begin with `/`"
        case .pathTemplate:
            return value.begins(with: "/")
                ? templateReason(value) : "`\(sanitized(value, limit: 40))` does not begin with `/`"
        case .address: return Self.addressReason(value)
        case .sni, .plainSNI:
            let isWild = form == .sni && value.begins(with: "*.")
            let isPlain = (isWild ? value.without(first: 2) : value).utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: ":"):
                    true
                default: false
                }
            }
            return value == "*" || isPlain ? nil : "`\(sanitized(value, limit: 40))` is no host name"
        case .protocolName: return value == "acme-tls/1" ? "acme-tls/1 is Traefik's own" : nil
        case .any: return nil
        }
    }

    static func addressReason(_ value: String) -> String? {
        let parts = value.parts(at: "/")
        let isAddress = IPAddress(parts[0]).map { address in
            let longest = address.family == .v4 ? 32 : 128
            return parts.count == 1 || parts.count == 2 && Int(parts[1]).map { (0...longest).contains($0) } ?? false
        }
        return isAddress == true ? nil : "`\(sanitized(value, limit: 40))` is no address and no network"
    }

    /// `{NAME}` and `{NAME:EXPRESSION}` in a path, a parameter or a host.
    private func templateReason(_ text: String) -> String? {
        var (depth, variable, names) = (0, [UInt8](), Set<String>())
        for byte in text.utf8 {
            if byte == UInt8(ascii: "}") {
                depth -= 1
                guard depth >= 0 else { break }
                if depth == 0 {
                    let parts = String(outside: variable).parts(at: ":")
                    let expression = parts.dropFirst().joined(separator: ":")
                    if parts[0].isEmpty || parts.count > 1 && expression.isEmpty {
                        return "a variable has no name or no expression"
                    }
                    guard names.insert(parts[0]).inserted else { return "a variable is there twice" }
                    if let reason = GoExpression.reason(against: expression) { return reason }
                    variable = []
                }
            }
            if depth > 0 { variable.append(byte) }
            if byte == UInt8(ascii: "{") { depth += 1 }
        }
        return depth == 0 ? nil : "its braces are not balanced"
    }

    /// The names that a matcher compares with.
    private static func names(in matcher: RuleTree.Matcher) -> [String] {
        switch matcher.name {
        case "Host", "HostHeader", "HostSNI": matcher.values.map(normal)
        // Without a variable it is a name.
        case template: matcher.values.filter { !$0.utf8.contains(UInt8(ascii: "{")) }.map(normal)
        default: []
        }
    }

    static func normal(_ name: String) -> String {
        let lower = name.asciiLowercased
        return lower.utf8.last == UInt8(ascii: ".") ? lower.without(last: 1) : lower
    }
}

extension RuleTree {
    func mapped(_ change: (Matcher) throws(RuleError) -> Matcher) throws(RuleError) -> RuleTree {
        switch self {
        case .matcher(let matcher): .matcher(try change(matcher))
        case .all(let parts): .all(try Self.mapped(parts, change))
        case .any(let parts): .any(try Self.mapped(parts, change))
        }
    }

    private static func mapped(
        _ parts: [RuleTree],
        _ change: (Matcher) throws(RuleError) -> Matcher
    ) throws(RuleError) -> [RuleTree] {
        var changed = parts
        for place in parts.indices { changed[place] = try parts[place].mapped(change) }
        return changed
    }

    /// Whether each name in it may match, because none excludes another one. Nearly all rules are so.
    fileprivate var mayHoldForAll: Bool {
        switch self {
        case .matcher(let matcher): !matcher.isNegated
        case .any(let parts): parts.allSatisfy(\.mayHoldForAll)
        case .all(let parts): parts.allSatisfy(\.mayHoldForAll) && parts.count(where: \.namesHosts) <= 1
        }
    }

    private var namesHosts: Bool {
        switch self {
        case .matcher(let matcher): !matcher.hosts.isEmpty
        case .any(let parts), .all(let parts): parts.contains(where: \.namesHosts)
        }
    }

    /// Whether a request for `name` may match, whatever else the request holds.
    fileprivate func mayHold(for name: String) -> Bool {
        switch self {
        case .all(let parts): return parts.allSatisfy { $0.mayHold(for: name) }
        case .any(let parts): return parts.contains { $0.mayHold(for: name) }
        case .matcher(let matcher):
            let names = matcher.hosts
            let isAny = (matcher.name == "HostSNI" || matcher.name == "Host") && matcher.values.contains("*")
            if isAny || names.contains(where: { covers($0, name) }) { return !matcher.isNegated }
            // A path or an expression may match, and may not.
            return names.isEmpty || names.count < matcher.values.count || matcher.isNegated
        }
    }
}
