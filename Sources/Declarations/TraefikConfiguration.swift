import Model

/// The TLS configuration of a router.
struct TraefikTLS: Hashable {
    var resolver = ""
    var options = ""
    /// Empty if its domains have no names, nil if it has none.
    var domains: [String]?
}

/// A router as labels or a file declare it.
final class TraefikRouter {
    let name: String
    let isTCP: Bool
    var rule: String
    let syntax: String?
    var service: String
    let middlewares: [String]
    let entryPoints: [String]
    let tls: TraefikTLS?
    let priority: String?
    /// Whether no rule is declared, so that the template of the provider makes it.
    var isStandard = false

    init(_ name: String, _ node: Node, isTCP: Bool) {
        (self.name, self.isTCP) = (name, isTCP)
        rule = node["rule"]?.text ?? ""
        syntax = node["rulesyntax"]?.text
        service = node["service"]?.text ?? ""
        middlewares = node["middlewares"]?.texts ?? []
        entryPoints = node["entrypoints"]?.texts ?? []
        priority = node["priority"]?.text
        tls = node["tls"].flatMap { tls in
            guard tls.isThere else { return nil }
            let domains = tls["domains"]?.children.map(\.value) ?? []
            return TraefikTLS(
                resolver: tls["certresolver"]?.text ?? "",
                options: tls["options"]?.text ?? "",
                domains: domains.isEmpty
                    ? nil : domains.flatMap { ($0["main"]?.text.map { [$0] } ?? []) + ($0["sans"]?.texts ?? []) }
            )
        }
    }

    /// A router that is not declared.
    convenience init(standard name: String) { self.init(name, .empty, isTCP: false) }

    /// Whether both say the same.
    func isSame(as other: TraefikRouter) -> Bool {
        rule == other.rule && syntax == other.syntax && service == other.service && middlewares == other.middlewares
            && entryPoints == other.entryPoints && tls == other.tls && priority == other.priority
    }
}

/// Where a name is known in Traefik.
struct TraefikScope: Hashable {
    /// `http` or `tcp`
    let section: String
    let provider: String
}

/// What one object or file declares to Traefik.
final class TraefikPart {
    let place: DeclarationPlace
    /// `docker`, `swarm` or `file`
    let provider: String
    var routers: [TraefikRouter] = []
    typealias Declared = (section: String, name: String, node: Node)
    var services: [Declared] = []
    var middlewares: [Declared] = []
    var tlsOptions: [Declared] = []
    var transports: [Declared] = []

    init(place: DeclarationPlace, provider: String) { (self.place, self.provider) = (place, provider) }

    private var isFile: Bool { provider == "file" }
    var source: String { isFile ? "traefik-file" : "traefik" }

    func read(_ root: Node) {
        let options = root["tls", "options"]?.children ?? []
        for section in ["http", "tcp"] {
            for field in options { tlsOptions.append((section, field.key, field.value)) }
            guard let fields = root[section] else { continue }
            for field in fields["routers"]?.children ?? [] {
                routers.append(TraefikRouter(field.key, field.value, isTCP: section == "tcp"))
            }
            for field in fields["services"]?.children ?? [] {
                // A file's services are looked into further.
                let node = isFile ? field.value : field.value.withoutRightServers
                services.append((section, field.key, node))
            }
            for field in fields["middlewares"]?.children ?? [] {
                middlewares.append((section, field.key, field.value))
            }
            for field in fields["serverstransports"]?.children ?? [] {
                transports.append((section, field.key, field.value))
            }
        }
    }

    func scope(of router: TraefikRouter) -> TraefikScope {
        TraefikScope(section: router.isTCP ? "tcp" : "http", provider: provider)
    }

    func key(of router: TraefikRouter) -> DeclarationKey {
        .router(router.name, isTCP: router.isTCP, isLabel: !isFile)
    }
}

/// Decides, over all that is declared to one Traefik, which hosts its routers serve and for which names it gets certificates.
struct TraefikRouting {
    let options: TraefikOptions
    /// Whether files are read; otherwise what they declare is not known.
    private let readsFiles: Bool
    private var parts: [TraefikPart] = []
    private typealias Table<Value> = [TraefikScope: [String: Value]]
    private var routers: Table<TraefikRouter> = [:]
    private var services: Table<Node> = [:]
    private var middlewares: Table<Node> = [:]
    private var tlsOptions: Table<Node> = [:]
    private var transports: Table<Node> = [:]
    /// Routers that are declared in two ways.
    private var contradicting: [TraefikScope: Set<String>] = [:]
    private var declarations = Declarations()
    /// Services and middlewares that were followed, and what is wrong with them.
    private var followed: [String: RuleError?] = [:]

    init(_ options: TraefikOptions, readsFiles: Bool) { (self.options, self.readsFiles) = (options, readsFiles) }

    mutating func add(_ part: TraefikPart) {
        // Of what is declared in two ways Traefik uses neither; containers of one service differ in their servers.
        Self.move(&part.services, of: part, to: &services) { $0.withoutServers == $1.withoutServers ? $0 : .empty }
        Self.move(&part.middlewares, of: part, to: &middlewares) { $0 == $1 ? $0 : .empty }
        Self.move(&part.tlsOptions, of: part, to: &tlsOptions) { first, _ in first }
        Self.move(&part.transports, of: part, to: &transports) { first, _ in first }
        for router in part.routers {
            let other = routers[part.scope(of: router), default: [:]].updateValue(router, forKey: router.name)
            guard let other, !other.isSame(as: router) else { continue }
            contradicting[part.scope(of: router), default: []].insert(router.name)
        }
        parts.append(part)
    }

    private static func move(
        _ declared: inout [TraefikPart.Declared],
        of part: TraefikPart,
        to table: inout Table<Node>,
        _ choose: (Node, Node) -> Node
    ) {
        for (section, name, node) in declared {
            let scope = TraefikScope(section: section, provider: part.provider)
            if let other = table[scope, default: [:]].updateValue(node, forKey: name) {
                table[scope]?[name] = choose(other, node)
            }
        }
        declared = []
    }

    private func isContradicted(_ router: TraefikRouter, _ part: TraefikPart) -> Bool {
        contradicting[part.scope(of: router)]?.contains(router.name) ?? false
    }

    mutating func all() -> Declarations {
        routers = [:]
        declarations.hosts.reserveCapacity(parts.reduce(0) { $0 + $1.routers.count })
        // What is read is let go, for there may be thousands.
        parts.reverse()
        while let part = parts.popLast() {
            var certificates: [String: String] = [:]
            let first = declarations.hosts.count
            for router in part.routers {
                let tree = Result { () throws(RuleError) in try RuleParser.parse(router.rule) }
                // Traefik's resolvers do not ask whether a router works.
                if !isContradicted(router, part) { addCertificates(of: router, try? tree.get(), to: &certificates) }
                guard isMeant(router) else {
                    let reason = "it is at none of the entry points in LANDFALL_TRAEFIK_ENTRYPOINTS"
                    reject(router, part, router.rule, reason, .note)
                    continue
                }
                do throws(RuleError) {
                    add(try check(router, part, tree), router, part)
                } catch {
                    reject(router, part, router.rule, error.reason)
                }
            }
            settle(declarations.hosts.indices[first...], certificates)
            declarations.proxyCertificates.merge(certificates) { first, _ in first }
        }
        // Any label may name a resolver that is not there, and a certificate for the hosts of others.
        if options.knowsResolvers { settle(declarations.hosts.indices[...], declarations.proxyCertificates) }
        return declarations
    }

    /// Lets Traefik have the certificates of hosts, as far as it gets them.
    private mutating func settle(_ places: Range<Int>, _ certificates: [String: String]) {
        for place in places {
            let name = declarations.hosts[place].name
            guard let reason = certificates[name] ?? wildcard(above: name).flatMap({ certificates[$0] }) else {
                continue
            }
            (declarations.hosts[place].certificate, declarations.hosts[place].reason) = (.proxy, reason)
        }
    }

    private mutating func reject(
        _ router: TraefikRouter,
        _ part: TraefikPart,
        _ value: String,
        _ reason: String,
        _ kind: UnusedDeclaration.Kind = .rejection
    ) {
        declarations.unused.append(
            UnusedDeclaration(
                source: part.source,
                place: part.place,
                key: part.key(of: router).text,
                value: value,
                reason: reason,
                kind: kind
            )
        )
    }

    private mutating func add(_ rule: TraefikRule, _ router: TraefikRouter, _ part: TraefikPart) {
        let declaration = DeclaredHost.Declaration(source: part.source, place: part.place, key: part.key(of: router))
        for (name, matcher) in rule.hosts {
            declarations.hosts.append(DeclaredHost(declaration, name: name, in: matcher))
        }
        for unused in rule.unused {
            // What the template makes of a name that was not meant for it is no news.
            reject(router, part, unused.part, unused.reason, router.isStandard ? .note : .rejection)
        }
        if rule.hosts.isEmpty, rule.unused.isEmpty { reject(router, part, router.rule, "it names no host", .note) }
    }

    // MARK: Whether a router works

    private mutating func check(
        _ router: TraefikRouter,
        _ part: TraefikPart,
        _ tree: Result<RuleTree, RuleError>
    ) throws(RuleError) -> TraefikRule {
        guard !isContradicted(router, part) else {
            throw RuleError(
                "the router \(router.name) is declared a second time in another way, so Traefik uses neither"
            )
        }
        guard !router.rule.isEmpty else { throw RuleError("the router \(router.name) has no rule") }
        try checkEntryPoints(router)
        let rule = try TraefikRule(tree.get(), options.syntax(router.syntax), isTCP: router.isTCP)
        guard !rule.needsTLS || router.tls != nil else {
            throw RuleError("without TLS a TCP router cannot tell names apart; set tls=true")
        }
        let section = router.isTCP ? "tcp" : "http"
        try check(service: router.service, section, part.provider)
        for middleware in router.middlewares { try check(middleware: middleware, section, part.provider) }
        if let options = router.tls?.options, !options.isEmpty, options != "default" {
            _ = try found(options, "TLS options", tlsOptions, section, part.provider)
        }
        return rule
    }

    private func checkEntryPoints(_ router: TraefikRouter) throws(RuleError) {
        let known = options.entryPointsWithAddress
        let named = router.entryPoints.filter { !$0.isEmpty }
        guard known.isEmpty || named.isEmpty || named.contains(where: { known.contains($0.asciiLowercased) }) else {
            throw RuleError("Traefik has no entry point \(sanitized(named[0], limit: 40)), so it refuses the router")
        }
    }

    /// Whether it is at one of the entry points that count.
    private func isMeant(_ router: TraefikRouter) -> Bool {
        options.entryPoints.isEmpty || router.entryPoints.isEmpty
            || router.entryPoints.contains { options.entryPoints.contains($0.asciiLowercased) }
    }

    /// Traefik refuses a router whose service or middleware is not there. Returns the provider that has it, and what it declares if
    /// that is read.
    private func found(
        _ name: String,
        _ what: String,
        _ known: Table<Node>,
        _ section: String,
        _ provider: String
    ) throws(RuleError) -> (node: Node?, provider: String) {
        let at = name.utf8.lastIndex(of: UInt8(ascii: "@"))
        let own = at.map { String(decoding: name.utf8[..<$0], as: UTF8.self) } ?? name
        let place = at.map { String(decoding: name.utf8[name.utf8.index(after: $0)...], as: UTF8.self) } ?? provider
        if let node = known[TraefikScope(section: section, provider: place)]?[own], node.kind != .empty {
            return (node, place)
        }
        let isElsewhere = options.elsewhere.contains("\(own)@\(place)") || options.elsewhere.contains("*@\(place)")
        if place == "internal" || isElsewhere { return (nil, place) }
        guard !name.isEmpty else { throw RuleError("it has no \(what), or an empty one in a list") }
        let shown = "\(what) \(sanitized("\(own)@\(place)", limit: 80))"
        guard place == provider || place == "file" && readsFiles else {
            throw RuleError(
                "its \(shown) is declared where Landfall does not look; without it Traefik refuses the router. Add "
                    + "traefik-file:DIR to LANDFALL_SOURCES, or name it in LANDFALL_TRAEFIK_ELSEWHERE"
            )
        }
        throw RuleError("its \(shown) is not declared, so Traefik refuses the router")
    }

    private mutating func check(service name: String, _ section: String, _ provider: String, depth: Int = 0)
        throws(RuleError)
    {
        let (node, provider) = try found(name, "service", services, section, provider)
        guard let node else { return }
        if let port = node.wrongPort {
            throw RuleError(
                "the port `\(sanitized(port, limit: 40))` of its service is no number, so Traefik refuses the router"
            )
        }
        if let transport = node["loadbalancer", "serverstransport"]?.text, !transport.isEmpty {
            _ = try found(transport, "servers transport", transports, section, provider)
        }
        // What labels declare is made whole before.
        guard provider == "file" else { return }
        try once("service", name, section, provider, depth) { routing, shown throws(RuleError) in
            let kinds = node.children.filter { $0.key.asciiLowercased != "middlewares" }
            guard kinds.count == 1 else {
                throw RuleError("\(shown) has \(kinds.count) types, so Traefik refuses the router")
            }
            for field in kinds[0].value.children {
                switch field.key.asciiLowercased {
                case "services", "mirrors":
                    for service in field.value.children {
                        let name = service.value["name"]?.text ?? ""
                        try routing.check(service: name, section, provider, depth: depth + 1)
                    }
                case "service", "fallback":
                    try routing.check(service: field.value.text ?? "", section, provider, depth: depth + 1)
                default: break
                }
            }
        }
    }

    /// How deep chains of middlewares and services are followed.
    private static let deepest = 50

    /// Follows a middleware or a service, unless that was done for another router: thousands of them may name the same.
    private mutating func once(
        _ kind: String,
        _ name: String,
        _ section: String,
        _ provider: String,
        _ depth: Int,
        _ follow: (inout TraefikRouting, String) throws(RuleError) -> Void
    ) throws(RuleError) {
        let (key, shown) = ("\(section) \(kind) \(provider) \(name)", "its \(kind) \(sanitized(name, limit: 60))")
        if let known = followed[key] {
            if let known { throw known }
            return
        }
        guard depth < Self.deepest else { throw RuleError("\(shown) is nested too deep") }
        // It stands as long as this goes on, and so for a circle.
        followed[key] = RuleError("\(shown) refers to itself, so Traefik refuses the router")
        do throws(RuleError) {
            try follow(&self, shown)
            followed[key] = .some(nil)
        } catch {
            followed[key] = error
            throw error
        }
    }

    private mutating func check(middleware name: String, _ section: String, _ provider: String, depth: Int = 0)
        throws(RuleError)
    {
        let (node, provider) = try found(name, "middleware", middlewares, section, provider)
        guard let node else { return }
        try once("middleware", name, section, provider, depth) { routing, shown throws(RuleError) in
            try routing.follow(middleware: node, shown, section, provider, depth)
        }
    }

    private mutating func follow(
        middleware node: Node,
        _ shown: String,
        _ section: String,
        _ provider: String,
        _ depth: Int
    ) throws(RuleError) {
        let kinds = node.children.filter {
            !["compress", "contenttype"].contains($0.key.asciiLowercased) || $0.value.isThere
        }
        guard kinds.count == 1 else {
            throw RuleError("\(shown) has \(kinds.count) types, so Traefik refuses the router")
        }
        let (kind, fields) = (kinds[0].key.asciiLowercased, kinds[0].value)
        switch kind {
        case "chain":
            for inner in fields["middlewares"]?.texts ?? [] {
                try check(middleware: inner, section, provider, depth: depth + 1)
            }
        case "errors": try check(service: fields["service"]?.text ?? "", section, provider, depth: depth + 1)
        default:
            if let reason = TraefikMiddleware.reason(against: kind, fields, options) {
                throw RuleError("\(shown): \(reason), so Traefik refuses the router")
            }
        }
    }

    // MARK: Certificates

    private func addCertificates(of router: TraefikRouter, _ rule: RuleTree?, to certificates: inout [String: String]) {
        for tls in configurations(of: router) where !tls.resolver.isEmpty && options.hasResolver(tls.resolver) {
            let names =
                tls.domains?.compactMap(TraefikRule.certificateName)
                ?? rule.map { TraefikRule.certificateNames($0, isTCP: router.isTCP) } ?? []
            let reason =
                "router \(sanitized(router.name, limit: 60)) has the resolver \(sanitized(tls.resolver, limit: 40))"
            for name in names where certificates[name] == nil { certificates[name] = reason }
        }
    }

    /// Its own TLS configuration, or those of its entry points.
    private func configurations(of router: TraefikRouter) -> [TraefikTLS] {
        if let tls = router.tls { return [tls] }
        guard !router.isTCP else { return [] }
        let entryPoints = router.entryPoints.isEmpty ? options.standardEntryPoints : router.entryPoints
        return entryPoints.compactMap(options.tls)
    }
}

/// What makes Traefik refuse a middleware that has the right fields.
private enum TraefikMiddleware {
    static func reason(against kind: String, _ fields: Node, _ options: TraefikOptions) -> String? {
        let text = { (name: String) in fields[name]?.text ?? "" }
        switch kind {
        case "addprefix": return text("prefix").isEmpty ? "it has no prefix" : nil
        case "redirectscheme": return text("scheme").isEmpty ? "it has no scheme" : nil
        case "redirectregex", "replacepathregex": return GoExpression.reason(against: text("regex"))
        case "stripprefixregex": return fields["regex"]?.texts.lazy.compactMap(GoExpression.reason).first
        case "ipallowlist", "ipwhitelist":
            let ranges = fields["sourcerange"]?.texts ?? []
            return ranges.isEmpty
                ? "it has no source range" : ranges.lazy.compactMap(TraefikMatchers.addressReason).first
        case "basicauth", "digestauth":
            let count = kind == "basicauth" ? 2 : 3
            let isWrong = fields["users"]?.texts.contains { $0.parts(at: ":").count != count } ?? false
            return isWrong ? "a user of it has no password" : nil
        case "retry": return (Int(text("attempts")) ?? 0) > 0 ? nil : "it has no attempts"
        case "plugin":
            guard let plugin = fields.children.first?.key, !options.hasPlugin(plugin) else { return nil }
            return
                "Traefik has no plugin \(sanitized(plugin, limit: 40)); give LANDFALL_TRAEFIK_OPTIONS its options of it"
        default: return nil
        }
    }
}

extension Node {
    /// Of a service: what has to be the same on all containers that declare it.
    fileprivate var withoutServers: Node {
        guard let balancer = self["loadbalancer"] else { return self }
        return .map(balancer.fields.filter { $0.key.asciiLowercased != "server" })
    }

    /// Of a service: its port, if that is no number.
    fileprivate var wrongPort: String? {
        let port = self["loadbalancer", "server", "port"]?.text ?? ""
        return port.utf8.allSatisfy { (0x30...0x39).contains($0) } ? nil : port
    }

    /// Of a service of labels: its balancer, whose servers say nothing more if their port is a number. There may be thousands.
    fileprivate var withoutRightServers: Node {
        guard self["loadbalancer"] != nil, wrongPort == nil else { return self }
        let balancer = withoutServers
        return balancer.fields.isEmpty
            ? Self.plainService : .map([Field(key: "loadbalancer", value: balancer)])
    }

    private static let plainService = Node.map([Field(key: "loadbalancer", value: .map([]))])
}
