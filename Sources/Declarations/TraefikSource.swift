import Model

/// Reads what is declared to Traefik: routers in labels of services and containers, and in dynamic files
/// (https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/docker/, …/swarm/, …/file/).
package struct TraefikSource: DeclarationSource {
    package let name = "traefik"
    let options: TraefikOptions
    private let readsLabels: Bool
    private let readsFiles: Bool
    private let environment: [String: String]

    /// - Parameter environment: of Traefik itself, for the templates in its files.
    package init(
        _ options: TraefikOptions = TraefikOptions(),
        readsLabels: Bool = true,
        readsFiles: Bool = false,
        environment: [String: String] = [:]
    ) {
        (self.options, self.readsLabels, self.readsFiles) = (options, readsLabels, readsFiles)
        self.environment = environment
    }

    package func read(_ objects: [DeclaringObject], _ files: [DeclaringFile]) -> Declarations {
        var (parts, unused): ([TraefikPart], [UnusedDeclaration]) = ([], [])
        if readsLabels, options.version == 1 { return readFrontends(objects) }
        for (place, object) in objects.enumerated() where readsLabels {
            var reader = TraefikLabelReader(object, .object(place), options)
            if let part = reader.part() { parts.append(part) }
            unused += reader.unused
        }
        for file in files where readsFiles {
            do throws(DocumentError) {
                parts.append(try part(of: file))
            } catch {
                unused.append(
                    UnusedDeclaration(
                        source: "traefik-file",
                        place: .file(file.path),
                        key: "file",
                        value: file.path,
                        reason: "Traefik refuses the whole file: \(error.reason)"
                    )
                )
            }
        }
        var routing = TraefikRouting(parts, options, readsFiles: readsFiles)
        var declarations = routing.all()
        declarations.unused = unused + declarations.unused
        return declarations
    }

    private func part(of file: DeclaringFile) throws(DocumentError) -> TraefikPart {
        let document = try document(of: file)
        // Of keys at the top, Traefik looks only for its own.
        let root = Node.map(document.fields.filter { ["http", "tcp", "udp", "tls"].contains($0.key.asciiLowercased) })
        if let reason = TraefikShape.file.reason(against: root) { throw DocumentError(reason) }
        var part = TraefikPart(source: "traefik-file", place: .file(file.path), provider: "file")
        part.read(root)
        return part
    }

    /// What a file holds when its template is carried out.
    func document(of file: DeclaringFile) throws(DocumentError) -> Node {
        guard let text = String(validating: file.bytes, as: UTF8.self) else { throw DocumentError("it is no UTF-8") }
        var bytes = file.bytes
        if text.holds("{{") {
            do throws(TemplateError) {
                bytes = Array(try GoTemplate.text(of: text, .none, environment: environment).utf8)
            } catch {
                throw DocumentError("its template: \(error.reason)")
            }
        }
        let isTOML = file.path.asciiLowercased.ends(with: ".toml")
        return try DocumentReader.read(bytes, isTOML ? .toml : .yaml)
    }
}

/// Reads the labels of one object.
struct TraefikLabelReader {
    private let object: DeclaringObject
    private let place: DeclarationPlace
    private let options: TraefikOptions
    private(set) var unused: [UnusedDeclaration] = []

    init(_ object: DeclaringObject, _ place: DeclarationPlace, _ options: TraefikOptions) {
        (self.object, self.place, self.options) = (object, place, options)
    }

    private var labels: [String: String] { object.labels }
    private var provider: String { object.kind == .service && options.version > 2 ? "swarm" : "docker" }

    /// The labels of this object that Traefik reads.
    private var own: [String] { labels.keys.filter { $0.asciiLowercased.begins(with: "traefik.") }.sorted() }

    mutating func part() -> TraefikPart? {
        tellOthers()
        do throws(RuleError) {
            guard try isUsed() else { return nil }
            var part = TraefikPart(source: "traefik", place: place, provider: provider, prefix: "traefik.")
            let root = try TraefikLabels.tree(labels)
            if let reason = TraefikShape.labels.reason(against: root) {
                throw RuleError("\(reason), so Traefik uses no label of this \(object.word)")
            }
            part.read(root["traefik"] ?? .empty)
            try complete(&part, root["traefik"] ?? .empty)
            return part
        } catch {
            let rules = own.filter { $0.asciiLowercased.ends(with: ".rule") }
            // An object that says nothing to Traefik is not told of.
            guard let key = rules.first ?? own.first else { return nil }
            // What another label says may be a password.
            note(key, rules.first.flatMap { labels[$0] } ?? "", error.reason, .rejection)
            return nil
        }
    }

    private mutating func note(_ key: String, _ value: String, _ reason: String, _ kind: UnusedDeclaration.Kind) {
        unused.append(
            UnusedDeclaration(source: "traefik", place: place, key: key, value: value, reason: reason, kind: kind)
        )
    }

    /// Labels of the first generation, and labels of a service's containers.
    private mutating func tellOthers() {
        let rules = own.filter { $0.asciiLowercased.ends(with: ".rule") }
        for key in own where key.asciiLowercased.ends(with: ".frontend.rule") {
            let isAlone = rules.allSatisfy { $0.asciiLowercased.ends(with: ".frontend.rule") }
            let reason = "Traefik v2 and v3 do not read labels of v1; for a Traefik v1 set LANDFALL_TRAEFIK_VERSION=1"
            note(key, labels[key] ?? "", reason, isAlone ? .rejection : .note)
        }
        for key in rules where TraefikLabels.isOther(key) && !key.asciiLowercased.ends(with: ".frontend.rule") {
            let reason = "Traefik reads rules at traefik.http.routers.NAME.rule and traefik.tcp.routers.NAME.rule"
            note(key, labels[key] ?? "", reason, .rejection)
        }
        guard object.kind == .service else { return }
        for key in object.containerLabels.keys.sorted()
        where key.asciiLowercased.begins(with: "traefik.") && key.asciiLowercased.ends(with: ".rule") {
            let reason = "it is a container label, and Traefik reads those of the service; write it under `deploy: labels:`"
            note(key, object.containerLabels[key] ?? "", reason, rules.isEmpty ? .rejection : .note)
        }
    }

    // MARK: Whether Traefik looks at the object

    private mutating func isUsed() throws(RuleError) -> Bool {
        try checkProviderLabels()
        var isEnabled = options.isExposedByDefault(object.kind)
        if let key = own.first(where: { $0.asciiLowercased == "traefik.enable" }) {
            guard let flag = goFlag(labels[key] ?? "") else {
                throw RuleError(
                    "traefik.enable is `\(sanitized(labels[key] ?? "", limit: 40))`, and Traefik takes `true` or `false`"
                )
            }
            isEnabled = flag
        }
        let rules = own.filter { $0.asciiLowercased.ends(with: ".rule") }
        guard isEnabled else {
            for key in rules { note(key, labels[key] ?? "", "Traefik is not enabled for it", .note) }
            return false
        }
        if let constraints = options.constraints(object.kind), try !holds(constraints) {
            for key in rules { note(key, labels[key] ?? "", "Traefik's constraints leave it out", .note) }
            return false
        }
        guard object.state == "running" || allowsOthers else {
            for key in rules {
                let reason = "the \(object.word) is not running, so Traefik has no router for it"
                note(key, labels[key] ?? "", reason, .waiting)
            }
            return false
        }
        return true
    }

    private var allowsOthers: Bool {
        own.first { $0.asciiLowercased == "traefik.docker.allownonrunning" }.flatMap { goFlag(labels[$0] ?? "") } ?? false
            || object.kind == .service
                && (own.first { $0.asciiLowercased.ends(with: ".lbswarm") }.flatMap { goFlag(labels[$0] ?? "") } ?? false)
    }

    private func checkProviderLabels() throws(RuleError) {
        let lower = own.map(\.asciiLowercased)
        let docker = lower.filter { $0.begins(with: "traefik.docker.") }
        let swarm = lower.filter { $0.begins(with: "traefik.swarm.") }
        guard object.kind == .container || docker.isEmpty || swarm.isEmpty else {
            throw RuleError("it has labels traefik.docker and traefik.swarm, and Traefik takes one or the other")
        }
        let known = ["network", "lbswarm", "allownonrunning"]
        if let wrong = (docker + swarm).first(where: { label in !known.contains { label.ends(with: ".\($0)") } }) {
            throw RuleError("there is no label \(sanitized(wrong, limit: 60)), so Traefik skips the \(object.word)")
        }
    }

    /// Whether the provider's constraints let the object in: ``Label(`key`, `value`)``.
    private func holds(_ constraints: String) throws(RuleError) -> Bool {
        let tree: RuleTree
        do throws(RuleError) {
            tree = try RuleParser.parse(constraints)
        } catch {
            throw RuleError("Traefik's constraints: \(error.reason)")
        }
        return try holds(tree)
    }

    private func holds(_ tree: RuleTree) throws(RuleError) -> Bool {
        switch tree {
        case .all(let parts):
            for part in parts where try !holds(part) { return false }
            return true
        case .any(let parts):
            for part in parts where try holds(part) { return true }
            return false
        case .matcher(let matcher):
            guard matcher.spelling == "Label", matcher.values.count == 2 else {
                throw RuleError("of Traefik's constraints only Label(`key`, `value`) is understood")
            }
            return (labels[matcher.values[0]] == matcher.values[1]) != matcher.isNegated
        }
    }

    // MARK: What Traefik adds

    /// Services and routers that are not declared, and the links between them.
    private mutating func complete(_ part: inout TraefikPart, _ root: Node) throws(RuleError) {
        let hasHTTP = !["routers", "services", "middlewares"].allSatisfy { root["http", $0]?.fields.isEmpty ?? true }
        let hasOther = ["tcp", "udp"].contains { section in
            !["routers", "services"].allSatisfy { root[section, $0]?.fields.isEmpty ?? true }
        }
        for section in hasHTTP || !hasOther ? ["http", "tcp"] : ["tcp"] {
            var names = part.services.filter { $0.begins(with: "\(section):") }.map { $0.without(first: section.utf8.count + 1) }
            let isNeeded = section == "http" || part.routers.contains(where: \.isTCP)
            if names.isEmpty, isNeeded {
                names = [normalized(object.declaredName)]
                part.services.insert("\(section):\(names[0])")
            }
            let services = root[section, "services"]?.fields ?? []
            for service in services { try checkPort(service.value, service.key) }
            if services.isEmpty, let name = names.first { try checkPort(.empty, name) }
            if section == "http", !part.routers.contains(where: { !$0.isTCP }), names.count == 1 {
                part.routers.append(TraefikRouter(standard: normalized(object.declaredName)))
            }
            link(&part, section, names)
        }
    }

    private func checkPort(_ service: Node, _ name: String) throws(RuleError) {
        let server = service["loadbalancer", "server"]
        if server?["port"]?.text ?? server?["url"]?.text != nil { return }
        guard object.kind == .container, !object.ports.isEmpty else {
            throw RuleError(
                "Traefik knows no port of its service \(sanitized(name, limit: 60)); set "
                    + "traefik.http.services.\(sanitized(name, limit: 60)).loadbalancer.server.port"
            )
        }
    }

    private mutating func link(_ part: inout TraefikPart, _ section: String, _ services: [String]) {
        for place in part.routers.indices.reversed() where part.routers[place].isTCP == (section == "tcp") {
            do throws(RuleError) {
                try link(&part.routers[place], services)
            } catch {
                let router = part.routers.remove(at: place)
                note(part.key(of: router), router.rule, error.reason, .rejection)
            }
        }
    }

    private func link(_ router: inout TraefikRouter, _ services: [String]) throws(RuleError) {
        if router.rule.isEmpty, !router.isTCP {
            router.isStandard = true
            do throws(TemplateError) {
                router.rule = try GoTemplate.text(
                    of: options.defaultRule(object.kind),
                    object.templateData,
                    environment: [:]
                )
            } catch {
                throw RuleError("Traefik's default rule: \(error.reason)")
            }
        }
        guard router.service.isEmpty else { return }
        guard services.count == 1 else {
            throw RuleError("its \(object.word) has \(services.count) services, and the router names none of them")
        }
        router.service = services[0]
    }
}

extension DeclaringObject {
    var word: String { kind == .service ? "service" : "container" }

    private static let composeLabels = ["com.docker.compose.service", "com.docker.compose.project"]

    /// As Traefik names it in the default rule and for its default service.
    fileprivate var declaredName: String {
        let parts = Self.composeLabels.compactMap { labels[$0] }
        return parts.count == 2 ? parts.joined(separator: "_") : name
    }

    fileprivate var templateData: GoTemplate.Value {
        .map([
            "Name": .text(declaredName), "ContainerName": .text(name),
            "Labels": .map(labels.mapValues { .text($0) }),
        ])
    }
}

/// Labels as a tree, as Traefik reads them.
enum TraefikLabels {
    private static let sections = ["traefik.http", "traefik.tcp", "traefik.udp", "traefik.tls.stores.default"]

    /// How many parts a key may have.
    private static let deepest = 32

    private final class Branch {
        let key: String
        var text: String?
        var branches: [Branch] = []
        var byKey: [String: Branch] = [:]

        init(_ key: String) { self.key = key }

        func branch(_ key: String) -> Branch {
            let lower = key.asciiLowercased
            if let known = byKey[lower] { return known }
            let new = Branch(key)
            byKey[lower] = new
            branches.append(new)
            return new
        }

        var node: Node {
            if branches.isEmpty { return .text(text ?? "") }
            if branches.allSatisfy({ $0.key.begins(with: "[") }) { return .list(branches.map(\.node)) }
            return Node(text: text, fields: branches.map { Node.Field(key: $0.key, value: $0.node) }, kind: .map)
        }
    }

    /// Whether Traefik takes no notice of a label.
    static func isOther(_ key: String) -> Bool { !sections.contains(where: key.asciiLowercased.begins) }

    static func tree(_ labels: [String: String]) throws(RuleError) -> Node {
        let root = Branch("")
        let keys = labels.keys.filter { key in
            let lower = key.asciiLowercased
            return sections.contains(where: lower.begins)
        }
        // The first spelling of a name counts, and the last value.
        for key in keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            var branch = root
            let parts = key.parts(at: ".")
            guard parts.count <= deepest, parts.allSatisfy({ !$0.isEmpty }) else {
                throw RuleError("there is no field \(sanitized(key, limit: 80))")
            }
            for part in parts {
                let pieces = part.parts(at: "[")
                if !pieces[0].isEmpty { branch = branch.branch(pieces[0]) }
                for index in pieces.dropFirst() { branch = branch.branch("[\(index)") }
            }
            branch.text = labels[key]
        }
        return root.branches.isEmpty
            ? .empty : .map(root.branches.map { Node.Field(key: $0.key, value: $0.node) })
    }
}
