import Model

/// Reads what is declared to caddy-docker-proxy, in labels of services and containers
/// (https://github.com/lucaslorentz/caddy-docker-proxy#readme, https://caddyserver.com/docs/caddyfile/concepts).
package struct CaddySource: DeclarationSource {
    package let name = "caddy"
    private let prefix: String
    private let environment: [String: String]

    /// - Parameters:
    ///   - prefix: of the labels.
    ///   - environment: of Caddy itself.
    package init(prefix: String = "caddy", environment: [String: String] = [:]) {
        (self.prefix, self.environment) = (prefix, environment)
    }

    package func read(_ objects: [DeclaringObject], _ files: [DeclaringFile]) -> Declarations {
        var (declarations, blocks): (Declarations, [CaddyBlock]) = (Declarations(), [])
        for (place, object) in objects.enumerated() {
            let sets = object.kind == .service ? [object.labels, object.containerLabels] : [object.labels]
            for labels in sets {
                let reader = CaddyLabels(object, prefix: prefix, environment: environment)
                do throws(CaddyError) {
                    let found = try reader.blocks(labels, .object(place))
                    guard object.state == "running" || found.isEmpty else {
                        declarations.unused += found.map {
                            $0.unused("the \(object.word) is not running, so Caddy has no site for it", .waiting)
                        }
                        continue
                    }
                    blocks += found
                } catch {
                    declarations.unused.append(
                        UnusedDeclaration(
                            source: name,
                            place: .object(place),
                            key: error.key,
                            // What is below a site may be a password.
                            value: error.key.parts(at: ".").count == 1 ? labels[error.key] ?? "" : "",
                            reason: "\(error.reason), so Caddy uses no label of this \(object.word)"
                        )
                    )
                }
            }
        }
        read(blocks, into: &declarations)
        return declarations
    }

    private func read(_ blocks: [CaddyBlock], into declarations: inout Declarations) {
        let snippets = Dictionary(blocks.compactMap { block in block.snippet.map { ($0, block.root) } }) { first, _ in
            first
        }
        let modes = blocks.filter(\.isGlobal).flatMap { $0.all("auto_https") }.flatMap { $0.arguments }
        let getsCertificates = !modes.contains { $0 == "off" || $0 == "disable_certs" }
        declarations.unused += blocks.compactMap(\.reasonAgainstSite)
        // Blocks with the same addresses are one site; of others that share one, Caddy takes the first by its addresses.
        let sites = blocks.filter { $0.snippet == nil && !$0.isGlobal }.sorted {
            $0.root.arguments.lexicographicallyPrecedes($1.root.arguments) {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
        }
        var (owners, schemes): ([String: [String]], [String: String]) = ([:], [:])
        for block in sites {
            do throws(CaddyError) {
                let site = try CaddySite(block, snippets: snippets)
                for address in site.addresses {
                    guard owners[address, default: block.root.arguments] == block.root.arguments else {
                        throw CaddyError(
                            key: block.key,
                            reason: "\(sanitized(address, limit: 80)) is an address of another site as well"
                        )
                    }
                }
                var own = schemes
                for (port, scheme) in site.schemes {
                    guard own.updateValue(scheme, forKey: port) ?? scheme == scheme else {
                        let reason = "http and https are both at port \(port), and Caddy serves one of them"
                        throw CaddyError(key: block.key, reason: reason)
                    }
                }
                schemes = own
                for address in site.addresses { owners[address] = block.root.arguments }
                for host in site.hosts {
                    let isSecured = getsCertificates && host.isSecured
                    let reason = isSecured ? "Caddy gets the certificates of its sites" : "its site has none of Caddy's"
                    if isSecured, host.isSite { declarations.proxyCertificates[host.name] = reason }
                    declarations.hosts.append(
                        DeclaredHost(
                            source: name,
                            place: block.place,
                            name: host.name,
                            key: host.key,
                            part: host.part,
                            certificate: isSecured ? .proxy : .none,
                            reason: reason
                        )
                    )
                }
                declarations.unused += site.unused.map { unused in
                    UnusedDeclaration(
                        source: name,
                        place: block.place,
                        key: block.key,
                        value: unused.part,
                        reason: unused.reason,
                        kind: unused.isMeant ? .note : .rejection
                    )
                }
            } catch {
                declarations.unused.append(block.unused("\(error.reason), so Caddy drops the site", .rejection))
            }
        }
    }
}

/// Why labels are not used: a clause.
struct CaddyError: Error {
    let key: String
    let reason: String
}

/// A directive with what stands below it.
final class CaddyDirective {
    let key: String
    let name: String
    var arguments: [String] = []
    var children: [CaddyDirective] = []

    init(key: String, name: String) { (self.key, self.name) = (key, name) }

    /// The directives with this name right below.
    func all(_ name: String) -> [CaddyDirective] { children.filter { $0.name == name } }

    /// Whether it passes requests to the object that declares it.
    var passesToOwn: Bool {
        arguments.contains { $0.holds(CaddyLabels.upstreams) } || children.contains { $0.passesToOwn }
    }
}

/// What one label with the prefix, and those below it, declare.
struct CaddyBlock {
    let place: DeclarationPlace
    let key: String
    let value: String
    /// Whether the label itself is there, and not only some below it.
    let hasValue: Bool
    let root: CaddyDirective

    /// Options for all sites stand where no address does.
    var isGlobal: Bool { root.arguments.isEmpty }

    /// The name of a snippet, `(name)`, or of a named route, `&(name)`.
    var snippet: String? {
        guard let first = root.arguments.first, first.ends(with: ")") else { return nil }
        if first.begins(with: "(") { return first.without(first: 1, last: 1) }
        return first.begins(with: "&(") ? first.without(first: 2, last: 1) : nil
    }

    func all(_ name: String) -> [CaddyDirective] { root.all(name) }

    /// What it is, if it is no site.
    var reasonAgainstSite: UnusedDeclaration? {
        if snippet != nil { return unused("it is part of other sites, and none itself", .note) }
        guard isGlobal else { return nil }
        let isSite = hasValue || !root.all("reverse_proxy").isEmpty || !root.all("address").isEmpty
        return isSite
            ? unused("it has no address; a variable may not be set", .rejection)
            : unused("it has options for all sites, and no address", .note)
    }

    func unused(_ reason: String, _ kind: UnusedDeclaration.Kind) -> UnusedDeclaration {
        UnusedDeclaration(source: "caddy", place: place, key: key, value: value, reason: reason, kind: kind)
    }
}

/// Turns the labels of one object into blocks, as caddy-docker-proxy does.
struct CaddyLabels {
    /// What stands for the addresses of the object itself.
    static let upstreams = "\u{1}upstreams"
    /// Parts of a key.
    private static let deepest = 32

    private let object: DeclaringObject
    private let prefix: String
    private let environment: [String: String]

    init(_ object: DeclaringObject, prefix: String, environment: [String: String]) {
        (self.object, self.prefix, self.environment) = (object, prefix, environment)
    }

    func blocks(_ labels: [String: String], _ place: DeclarationPlace) throws(CaddyError) -> [CaddyBlock] {
        let keys = labels.keys.filter(isOwn).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var known: [String: CaddyDirective] = [:]
        var roots: [CaddyDirective] = []
        for key in keys {
            let directive = try directive(key, &known, &roots, depth: 0)
            directive.arguments += try arguments(key, labels[key] ?? "")
        }
        return roots.map {
            CaddyBlock(
                place: place,
                key: $0.key,
                value: labels[$0.key] ?? "",
                hasValue: labels[$0.key] != nil,
                root: $0
            )
        }
    }

    /// `caddy`, `caddy_1`, and what is below them.
    private func isOwn(_ key: String) -> Bool {
        guard key.begins(with: prefix) else { return false }
        var rest = key.utf8.dropFirst(prefix.utf8.count)
        if rest.first == UInt8(ascii: "_") {
            rest = rest.dropFirst()
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(digits.count)
        }
        return rest.isEmpty || rest.first == UInt8(ascii: ".")
    }

    private func directive(
        _ key: String,
        _ known: inout [String: CaddyDirective],
        _ roots: inout [CaddyDirective],
        depth: Int
    ) throws(CaddyError) -> CaddyDirective {
        if let directive = known[key] { return directive }
        guard depth < Self.deepest else { throw CaddyError(key: key, reason: "a label has too many parts") }
        let parts = key.parts(at: ".")
        let directive = CaddyDirective(key: key, name: Self.name(parts[parts.count - 1]))
        if parts.count == 1 {
            roots.append(directive)
        } else {
            let parent = parts.dropLast().joined(separator: ".")
            try self.directive(parent, &known, &roots, depth: depth + 1).children.append(directive)
        }
        known[key] = directive
        return directive
    }

    /// `1_reverse_proxy` and `reverse_proxy_1` order and repeat what `reverse_proxy` is.
    static func name(_ part: String) -> String {
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        var bytes = Array(part.utf8)
        let front = bytes.prefix(while: isDigit)
        if !front.isEmpty, bytes.count > front.count + 1, bytes[front.count] == UInt8(ascii: "_") {
            bytes.removeFirst(front.count + 1)
        }
        let digits = bytes.reversed().prefix(while: isDigit).count
        if digits > 0, bytes.count > digits + 1, bytes[bytes.count - digits - 1] == UInt8(ascii: "_") {
            bytes.removeLast(digits + 1)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func arguments(_ key: String, _ value: String) throws(CaddyError) -> [String] {
        let text: String
        do throws(TemplateError) {
            text = try GoTemplate.text(of: value, object.caddyData, environment: environment, functions: Self.functions)
        } catch {
            throw CaddyError(key: key, reason: error.reason)
        }
        return try Self.words(try replaced(text, key), key)
    }

    private static let functions: GoTemplate.Functions = [
        "upstreams": { values throws(TemplateError) in
            let scheme = values.compactMap { value in if case .text(let text) = value { text } else { nil } }.last
            return .text((scheme.map { "\($0)://" } ?? "") + upstreams)
        },
        "http": { _ throws(TemplateError) in .text("http") },
        "https": { _ throws(TemplateError) in .text("https") },
        "h2c": { _ throws(TemplateError) in .text("h2c") },
    ]

    /// `{$NAME}` and `{$NAME:default}` stand for variables of Caddy's own environment.
    private func replaced(_ text: String, _ key: String) throws(CaddyError) -> String {
        guard text.holds("{$") else { return text }
        var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
        while let first = rest.first {
            guard rest.starts(with: Array("{$".utf8)), let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                bytes.append(first)
                rest = rest.dropFirst()
                continue
            }
            let parts = String(decoding: rest[(rest.startIndex + 2)..<end], as: UTF8.self).parts(at: ":")
            let standard = parts.count > 1 ? parts.dropFirst().joined(separator: ":") : nil
            guard let value = environment[parts[0]] ?? standard else {
                let name = sanitized(parts[0], limit: 40)
                let reason = "Caddy's own variable \(name) is not known here; give it in LANDFALL_PROXY_ENVIRONMENT"
                throw CaddyError(key: key, reason: reason)
            }
            bytes += value.utf8
            rest = rest[(end + 1)...]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The words of a value, by the rules of a Caddyfile: quotes, backticks, and `#` for a comment.
    private static func words(_ text: String, _ key: String) throws(CaddyError) -> [String] {
        var (words, word): ([String], [UInt8]) = ([], [])
        var (quote, isWord, isComment) = (UInt8?.none, false, false)
        var bytes = Array(text.utf8).makeIterator()
        while let byte = bytes.next() {
            if isComment {
                isComment = byte != UInt8(ascii: "\n")
                continue
            }
            if let open = quote {
                if byte == open {
                    quote = nil
                } else if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\"") {
                    let next = bytes.next()
                    if next != open { word.append(byte) }
                    if let next { word.append(next) }
                } else {
                    word.append(byte)
                }
                continue
            }
            if isSpace(byte) {
                if isWord { words.append(String(decoding: word, as: UTF8.self)) }
                (word, isWord) = ([], false)
            } else if !isWord, byte == UInt8(ascii: "#") {
                isComment = true
            } else if !isWord, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "`") {
                (quote, isWord) = (byte, true)
            } else {
                word.append(byte)
                isWord = true
            }
        }
        if isWord { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}

extension DeclaringObject {
    /// What templates of caddy-docker-proxy may ask of the object.
    fileprivate var caddyData: GoTemplate.Value {
        let labels = GoTemplate.Value.map(labels.mapValues { .text($0) })
        guard kind == .service else {
            return .map(["Names": .list([.text("/" + name)]), "Labels": labels, "ID": .text(id)])
        }
        return .map(["Spec": .map(["Name": .text(name), "Labels": labels]), "ID": .text(id)])
    }
}

/// The hosts of one site.
struct CaddySite {
    struct Host {
        let name: String
        let key: String
        let part: String
        /// Whether it is an address of the site, and not a matcher in it.
        let isSite: Bool
        var isSecured: Bool
    }

    private(set) var hosts: [Host] = []
    private(set) var unused: [(part: String, reason: String, isMeant: Bool)] = []
    /// With their schemes, ports and paths.
    private(set) var addresses: [String] = []
    /// Of the addresses that have both.
    let schemes: [(port: String, scheme: String)]

    init(_ block: CaddyBlock, snippets: [String: CaddyDirective]) throws(CaddyError) {
        let declared = try Self.addresses(block)
        addresses = declared.map(\.text.asciiLowercased)
        schemes = declared.compactMap { $0.scheme.isEmpty || $0.port.isEmpty ? nil : ($0.port, $0.scheme) }
        var count = 0
        let root = try Self.expanded(block.root, snippets, &count)
        try Self.check(root, matchers: [])
        let certificates = try Self.getsCertificates(root)
        var places: [String: Int] = [:]
        for address in declared {
            if address.host.isEmpty {
                unused.append((address.text, "it names no host", true))
            } else if let reason = Self.reason(against: address.host) {
                unused.append((address.text, reason, true))
            } else {
                let name = (try? DomainName(address.host))?.text ?? address.host
                let isSecured = certificates && address.isSecured
                if let known = places[name] {
                    hosts[known].isSecured = hosts[known].isSecured || isSecured
                } else {
                    places[name] = hosts.count
                    hosts.append(
                        Host(name: name, key: block.key, part: address.text, isSite: true, isSecured: isSecured)
                    )
                }
            }
        }
        addMatchers(root)
    }

    /// How deep snippets may import each other, and how many directives a site may have with them.
    private static let (deepest, mostDirectives) = (10, 10_000)

    /// With the snippets that it imports in their places.
    private static func expanded(
        _ directive: CaddyDirective,
        _ snippets: [String: CaddyDirective],
        _ count: inout Int,
        depth: Int = 0
    ) throws(CaddyError) -> CaddyDirective {
        count += 1
        guard count <= mostDirectives else { throw CaddyError(key: directive.key, reason: "it imports too much") }
        let result = CaddyDirective(key: directive.key, name: directive.name)
        result.arguments = directive.arguments
        for child in directive.children {
            let name = ["import", "invoke"].contains(child.name) ? child.arguments.first : nil
            // Files may be missing if they are named by a pattern.
            if let name, child.name == "import", name.holds("*") { continue }
            guard let name else {
                result.children.append(try expanded(child, snippets, &count, depth: depth))
                continue
            }
            guard let snippet = snippets[name], depth < deepest else {
                let reason = "it imports \(sanitized(name, limit: 40)), which no label declares"
                throw CaddyError(key: directive.key, reason: reason)
            }
            result.children += try expanded(snippet, snippets, &count, depth: depth + 1).children
        }
        return result
    }

    /// Matchers that no label declares, and upstreams that are none, make Caddy drop a site.
    private static func check(_ directive: CaddyDirective, matchers: Set<String>) throws(CaddyError) {
        let own = directive.children.filter { $0.name.begins(with: "@") }
        let known = matchers.union(own.map(\.name))
        for child in directive.children where !child.name.begins(with: "@") {
            if let first = child.arguments.first, first.begins(with: "@"), !known.contains(first) {
                throw CaddyError(key: child.key, reason: "its matcher \(sanitized(first, limit: 40)) is not declared")
            }
            for argument in child.arguments where argument.holds("://" + CaddyLabels.upstreams) {
                guard ["http", "https", "h2c"].contains(where: { argument.begins(with: "\($0)://") }) else {
                    throw CaddyError(key: child.key, reason: "`upstreams` takes a port as a number, without quotes")
                }
            }
            if ["handle", "handle_path", "handle_errors", "route"].contains(child.name) {
                try check(child, matchers: known)
            }
        }
    }

    /// A site for a wildcard tells its hosts apart by matchers; those that lead to this object are its hosts as well.
    private mutating func addMatchers(_ root: CaddyDirective) {
        let sites = hosts
        for matcher in root.children where matcher.name.begins(with: "@") {
            let lines = matcher.all("host").map(\.arguments)
            let line = matcher.arguments.first == "host" ? [Array(matcher.arguments.dropFirst())] : []
            guard uses(matcher.name, root) else { continue }
            for name in (lines + line).flatMap(\.self).map(\.asciiLowercased) {
                guard let site = sites.first(where: { covers($0.name, name) }), reasonAgainstHost(name) == nil,
                    !hosts.contains(where: { $0.name == name })
                else { continue }
                let part = "\(matcher.name) host \(name)"
                hosts.append(Host(name: name, key: matcher.key, part: part, isSite: false, isSecured: site.isSecured))
            }
        }
    }

    private func uses(_ matcher: String, _ directive: CaddyDirective) -> Bool {
        directive.children.contains { child in
            child.arguments.first == matcher && child.passesToOwn || uses(matcher, child)
        }
    }

    private static func reason(against host: String) -> String? {
        // Other letters become A-labels.
        host.utf8.allSatisfy { $0 < 0x80 }
            ? reasonAgainstHost(host) : (try? DomainName(host)) == nil ? "no valid name" : nil
    }

    private struct Address {
        let text: String
        let host: String
        let isSecured: Bool
        /// Empty where they are not given.
        let scheme: String
        let port: String
    }

    /// `a.example.test, https://b.example.test:8443/path`
    private static func addresses(_ block: CaddyBlock) throws(CaddyError) -> [Address] {
        var addresses: [Address] = []
        for (place, word) in block.root.arguments.enumerated() {
            var text = word
            if text.utf8.last == UInt8(ascii: ",") {
                guard place < block.root.arguments.count - 1 else {
                    throw CaddyError(key: block.key, reason: "it ends with a comma")
                }
                text = text.without(last: 1)
            }
            do throws(RuleError) {
                addresses.append(try address(text))
            } catch {
                throw CaddyError(key: block.key, reason: "`\(sanitized(text, limit: 60))` \(error.reason)")
            }
        }
        return addresses
    }

    private static func address(_ text: String) throws(RuleError) -> Address {
        guard !text.utf8.contains(UInt8(ascii: ",")) else { throw RuleError("lacks a space after its comma") }
        var (rest, scheme) = (Array(text.asciiLowercased.utf8)[...], "")
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest[colon...].starts(with: Array("://".utf8)) {
            scheme = String(decoding: rest[..<colon], as: UTF8.self)
            rest = rest[(colon + 3)...]
            guard ["http", "https"].contains(scheme) else { throw RuleError("has neither the scheme http nor https") }
        }
        rest = rest.prefix { $0 != UInt8(ascii: "/") }
        var port = ""
        if rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
            let host = String(decoding: rest[...end], as: UTF8.self)
            return Address(text: text, host: host, isSecured: false, scheme: scheme, port: port)
        }
        if let colon = rest.lastIndex(of: UInt8(ascii: ":")) {
            port = String(decoding: rest[(colon + 1)...], as: UTF8.self)
            rest = rest[..<colon]
            guard port.isEmpty || Int(port).map({ (0...65_535).contains($0) }) == true else {
                throw RuleError("has no port after its colon")
            }
        }
        let host = String(decoding: rest, as: UTF8.self)
        let isSecured = scheme != "http" && port != "80"
        if let reason = reason(againstAddress: host, isSecured: isSecured) { throw RuleError(reason) }
        guard !(scheme == "http" && port == "443"), !(scheme == "https" && port == "80") else {
            throw RuleError("has a scheme and a port that contradict each other")
        }
        return Address(text: text, host: host, isSecured: isSecured, scheme: scheme, port: port)
    }

    /// What Caddy itself does not take for a host; what is no name in DNS may be one.
    private static func reason(againstAddress host: String, isSecured: Bool) -> String? {
        let labels = host.parts(at: ".")
        if host.isEmpty || host == "*" { return nil }
        if labels.contains("") { return "has an empty part; a variable may not be set" }
        // It gets certificates for whole parts at the beginning only.
        if isSecured, labels.drop(while: { $0 == "*" }).contains(where: { $0.holds("*") }) {
            return "has a `*` that is not a whole part at its beginning"
        }
        let wrong = host.utf8.first { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"):
                false
            default: byte < 0x80
            }
        }
        return wrong.map { "holds `\(Character(Unicode.Scalar($0)))`, which no host name does" }
    }

    /// `tls internal`, `tls ADDRESS` and what is below `tls` leave it to Caddy; files do not.
    private static func getsCertificates(_ root: CaddyDirective) throws(CaddyError) -> Bool {
        for tls in root.all("tls") {
            switch tls.arguments.count {
            case 0:
                guard !tls.children.isEmpty else {
                    throw CaddyError(key: tls.key, reason: "`tls` has neither a value nor fields")
                }
            case 1:
                let argument = tls.arguments[0]
                guard ["internal", "force_automate"].contains(argument) || argument.holds("@") else {
                    let reason = "`tls \(sanitized(argument, limit: 40))` is not understood by Caddy 2"
                    throw CaddyError(key: tls.key, reason: reason)
                }
            case 2: return false
            default: throw CaddyError(key: tls.key, reason: "`tls` takes at most two values")
            }
        }
        return true
    }
}
