import Model

/// The TLS configuration of a router.
struct TraefikTLS: Hashable {
    var resolver = ""
    var domains: [String] = []
    var isPassedThrough = false
}

/// A router as labels or a file declare it.
struct TraefikRouter: Hashable {
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
            if let text = tls.text, goFlag(text) == false { return nil }
            return TraefikTLS(
                resolver: tls["certresolver"]?.text ?? "",
                domains: tls["domains"]?.items.flatMap { domain in
                    [domain["main"]?.text].compactMap(\.self) + (domain["sans"]?.texts ?? [])
                } ?? [],
                isPassedThrough: tls["passthrough"]?.text.flatMap(goFlag) ?? false
            )
        }
    }

    /// A router that is not declared.
    init(standard name: String) { self.init(name, .empty, isTCP: false) }
}

/// What one object or file declares to Traefik.
struct TraefikPart {
    let source: String
    let place: DeclarationPlace
    /// `docker`, `swarm` or `file`
    let provider: String
    var routers: [TraefikRouter] = []
    /// `http:NAME` and `tcp:NAME`.
    var services: Set<String> = []
    var middlewares: Set<String> = []
    /// Before the name of a router in the key that declares it.
    let prefix: String

    init(source: String, place: DeclarationPlace, provider: String, prefix: String = "") {
        (self.source, self.place, self.provider, self.prefix) = (source, place, provider, prefix)
    }

    mutating func read(_ root: Node) {
        for (section, isTCP) in [("http", false), ("tcp", true)] {
            for field in root[section, "routers"]?.fields ?? [] {
                routers.append(TraefikRouter(field.key, field.value, isTCP: isTCP))
            }
            services.formUnion((root[section, "services"]?.fields ?? []).map { "\(section):\($0.key)" })
            middlewares.formUnion((root[section, "middlewares"]?.fields ?? []).map { "\(section):\($0.key)" })
        }
    }

    func key(of router: TraefikRouter) -> String {
        "\(prefix)\(router.isTCP ? "tcp" : "http").routers.\(router.name).rule"
    }
}

/// Decides, over all that is declared to one Traefik, which hosts its routers serve and for which names it gets certificates.
struct TraefikRouting {
    let options: TraefikOptions
    private let parts: [TraefikPart]
    /// Whether files are read; otherwise what they declare is not known.
    private let readsFiles: Bool
    private let services: Set<String>
    private let middlewares: Set<String>
    /// Routers that are declared in two ways.
    private let contradicting: Set<String>
    private var declarations = Declarations()
    /// Why the proxy gets the certificate for a name.
    private var reasons: [String: String] = [:]

    init(_ parts: [TraefikPart], _ options: TraefikOptions, readsFiles: Bool) {
        (self.parts, self.options, self.readsFiles) = (parts, options, readsFiles)
        services = Set(parts.flatMap { part in part.services.map { "\($0)@\(part.provider)" } })
        middlewares = Set(parts.flatMap { part in part.middlewares.map { "\($0)@\(part.provider)" } })
        var known: [String: TraefikRouter] = [:]
        var contradicting: Set<String> = []
        for part in parts {
            for router in part.routers {
                let key = Self.key(router, part)
                if let other = known[key], other != router { contradicting.insert(key) }
                known[key] = router
            }
        }
        self.contradicting = contradicting
    }

    private static func key(_ router: TraefikRouter, _ part: TraefikPart) -> String {
        "\(router.isTCP ? "tcp" : "http"):\(router.name)@\(part.provider)"
    }

    mutating func all() -> Declarations {
        var found: [(part: TraefikPart, router: TraefikRouter, rule: TraefikRule)] = []
        for part in parts {
            for router in part.routers {
                // Traefik's resolvers do not ask whether a router works.
                if !contradicting.contains(Self.key(router, part)) { addCertificates(of: router) }
                do throws(RuleError) {
                    found.append((part, router, try check(router, part)))
                } catch {
                    reject(router, part, router.rule, error.reason)
                }
            }
        }
        for (part, router, rule) in found { add(rule, router, part) }
        return declarations
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
                key: part.key(of: router),
                value: value,
                reason: reason,
                kind: kind
            )
        )
    }

    private mutating func add(_ rule: TraefikRule, _ router: TraefikRouter, _ part: TraefikPart) {
        for host in rule.hosts {
            let proxy = reasons[host.name] ?? wildcard(above: host.name).flatMap { reasons[$0] }
            declarations.hosts.append(
                DeclaredHost(
                    source: part.source,
                    place: part.place,
                    name: host.name,
                    key: part.key(of: router),
                    part: host.part,
                    certificate: proxy == nil ? .open : .proxy,
                    reason: proxy ?? "no router for it has a resolver"
                )
            )
        }
        for unused in rule.unused {
            // What the template makes of a name that was not meant for it is no news.
            reject(router, part, unused.part, unused.reason, router.isStandard ? .note : .rejection)
        }
        if rule.hosts.isEmpty, rule.unused.isEmpty { reject(router, part, router.rule, "it names no host", .note) }
    }

    // MARK: Whether a router works

    private func check(_ router: TraefikRouter, _ part: TraefikPart) throws(RuleError) -> TraefikRule {
        guard !contradicting.contains(Self.key(router, part)) else {
            throw RuleError("the router \(router.name) is declared a second time in another way, so Traefik uses neither")
        }
        guard !router.rule.isEmpty else { throw RuleError("the router \(router.name) has no rule") }
        try checkEntryPoints(router)
        let rule = try TraefikRule(router.rule, options.syntax(router.syntax), isTCP: router.isTCP)
        guard !rule.needsTLS || router.tls != nil else {
            throw RuleError("without TLS a TCP router cannot tell names apart; set tls=true")
        }
        let section = router.isTCP ? "tcp" : "http"
        try check(router.service, "service", services, section, part)
        for middleware in router.middlewares { try check(middleware, "middleware", middlewares, section, part) }
        return rule
    }

    private func checkEntryPoints(_ router: TraefikRouter) throws(RuleError) {
        guard !options.entryPoints.isEmpty, !router.entryPoints.isEmpty else { return }
        guard router.entryPoints.contains(where: options.entryPoints.contains) else {
            throw RuleError("it is at none of the entry points in LANDFALL_TRAEFIK_ENTRYPOINTS")
        }
    }

    /// Traefik refuses a router whose service or middleware is not there.
    private func check(
        _ name: String,
        _ what: String,
        _ known: Set<String>,
        _ section: String,
        _ part: TraefikPart
    ) throws(RuleError) {
        let parts = name.parts(at: "@")
        let provider = parts.count > 1 ? parts[parts.count - 1] : part.provider
        let own = parts.count > 1 ? parts.dropLast().joined(separator: "@") : name
        if provider == "internal" || known.contains("\(section):\(own)@\(provider)") { return }
        if options.elsewhere.contains("\(own)@\(provider)") || options.elsewhere.contains("*@\(provider)") { return }
        let shown = "\(what) \(sanitized("\(own)@\(provider)", limit: 80))"
        guard provider == part.provider || provider == "file" && readsFiles else {
            throw RuleError(
                "its \(shown) is declared where Landfall does not look; without it Traefik refuses the router. Add "
                    + "traefik-file:DIR to LANDFALL_SOURCES, or name it in LANDFALL_TRAEFIK_ELSEWHERE"
            )
        }
        throw RuleError(own.isEmpty ? "it has no service" : "its \(shown) is not declared, so Traefik refuses the router")
    }

    // MARK: Certificates

    private mutating func addCertificates(of router: TraefikRouter) {
        for tls in configurations(of: router) where !tls.resolver.isEmpty && options.hasResolver(tls.resolver) {
            let names =
                tls.domains.isEmpty
                ? TraefikRule.certificateNames(router.rule, isTCP: router.isTCP)
                : tls.domains.compactMap(TraefikRule.certificateName)
            let reason = "router \(sanitized(router.name, limit: 60)) has the resolver \(sanitized(tls.resolver, limit: 40))"
            declarations.proxyCertificates.formUnion(names)
            for name in names where reasons[name] == nil { reasons[name] = reason }
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

/// What Traefik's dynamic configuration may hold.
enum TraefikShape {
    static let labels: Shape = .fields(["traefik": .fields(sections(inFile: false))])

    static let file: Shape = .fields(sections(inFile: true))

    private static func sections(inFile: Bool) -> [String: Shape] {
        let transports: [String: Shape] = inFile ? ["serverstransports": .anything] : [:]
        let tls: Shape = .optional([
            "options": .text, "certresolver": .text, "passthrough": .flag,
            "domains": .list(.fields(["main": .text, "sans": .anything])),
        ])
        let router: [String: Shape] = [
            "entrypoints": .anything, "middlewares": .anything, "service": .text, "rule": .text, "rulesyntax": .text,
            "priority": .whole, "tls": tls,
        ]
        let httpRouter: [String: Shape] = ["parentrefs": .anything, "observability": .anything]
        let httpBalancer: Shape = .fields([
            "sticky": .anything, inFile ? "servers" : "server": .anything, "healthcheck": .anything,
            "passivehealthcheck": .anything, "passhostheader": .flag, "responseforwarding": .anything,
            "serverstransport": .text, "strategy": .text,
        ])
        let tcpBalancer: Shape = .fields([
            "proxyprotocol": .anything, inFile ? "servers" : "server": .anything, "serverstransport": .text,
            "terminationdelay": .anything, "healthcheck": .anything,
        ])
        let ofFiles: [String: Shape] =
            inFile
            ? [
                "weighted": .anything, "mirroring": .anything, "failover": .anything, "highestrandomweight": .anything,
            ] : [:]
        let http: [String: Shape] = [
            "routers": .map(.fields(router.merging(httpRouter) { $1 })),
            "services": .map(.fields(ofFiles.merging(["loadbalancer": httpBalancer]) { $1 })),
            "middlewares": .map(.fields(middlewares)),
        ]
        let tcp: [String: Shape] = [
            "routers": .map(.fields(router)),
            "services": .map(.fields(ofFiles.merging(["loadbalancer": tcpBalancer]) { $1 })),
            "middlewares": .map(.fields(["ipallowlist": .anything, "ipwhitelist": .anything, "inflightconn": .anything])),
        ]
        let udp: [String: Shape] = [
            "routers": .map(.fields(["entrypoints": .anything, "service": .text])), "services": .anything,
        ]
        return [
            "http": .fields(http.merging(transports) { $1 }), "tcp": .fields(tcp.merging(transports) { $1 }),
            "udp": .fields(udp), "tls": .anything,
        ]
    }

    private static let middlewares: [String: Shape] = [
        "addprefix", "basicauth", "buffering", "chain", "circuitbreaker", "compress", "contenttype", "digestauth",
        "encodedcharacters", "errors", "forwardauth", "grpcweb", "headers", "ipallowlist", "ipwhitelist", "inflightreq",
        "passtlsclientcert", "plugin", "ratelimit", "redirectregex", "redirectscheme", "replacepath", "replacepathregex",
        "retry", "stripprefix", "stripprefixregex",
    ].reduce(into: [:]) { $0[$1] = .anything }
}
