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
        var routing = TraefikRouting(options, readsFiles: readsFiles)
        var unused: [UnusedDeclaration] = []
        if readsLabels, options.version == 1 { return readFrontends(objects) }
        for (place, object) in objects.enumerated() where readsLabels {
            var reader = TraefikLabelReader(object, .object(place), options)
            if let part = reader.part() { routing.add(part) }
            unused += reader.unused
        }
        for file in files where readsFiles {
            do throws(DocumentError) {
                routing.add(try part(of: file))
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
        var declarations = routing.all()
        declarations.unused = unused + declarations.unused
        return declarations
    }

    private func part(of file: DeclaringFile) throws(DocumentError) -> TraefikPart {
        let document = try document(of: file)
        // Of keys at the top, Traefik looks only for its own.
        let root = Node.map(document.fields.filter { ["http", "tcp", "udp", "tls"].contains($0.key.asciiLowercased) })
        guard document.kind != .list, document.kind != .text else { throw DocumentError("it holds no fields") }
        if !root.children.isEmpty, let reason = TraefikFields.files.reason(against: root) {
            throw DocumentError(reason)
        }
        let part = TraefikPart(place: .file(file.path), provider: "file")
        part.read(root)
        return part
    }

    /// What a file holds when its template is carried out.
    func document(of file: DeclaringFile) throws(DocumentError) -> Node {
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            throw DocumentError("it is not valid UTF-8")
        }
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
    /// The labels of this object that Traefik reads, in the order in which it does.
    private let own: [TraefikLabel]
    private let rules: [TraefikLabel]

    init(_ object: DeclaringObject, _ place: DeclarationPlace, _ options: TraefikOptions) {
        (self.object, self.place, self.options) = (object, place, options)
        own = TraefikLabel.all(object.labels)
        rules = own.filter { $0.lower.ends(with: ".rule") }
    }

    private var labels: [String: String] { object.labels }
    private var provider: String { object.kind == .service && options.version > 2 ? "swarm" : "docker" }

    mutating func part() -> TraefikPart? {
        tellOthers()
        do throws(RuleError) {
            guard try isUsed() else { return nil }
            let part = TraefikPart(place: place, provider: provider)
            let root = try TraefikLabel.tree(own, TraefikLabel.sections)
            if root != .empty, let reason = TraefikFields.labels.reason(against: root) {
                throw RuleError("\(reason), so Traefik uses no label of this \(object.word)")
            }
            let fields = root["traefik"] ?? .empty
            part.read(fields)
            try complete(part, fields)
            return part
        } catch {
            // An object that says nothing to Traefik is not told of.
            guard let label = rules.first ?? own.first else { return nil }
            // What another label says may be a password.
            note(label.key, rules.isEmpty ? "" : label.value, error.reason, .rejection)
            return nil
        }
    }

    private mutating func note(_ label: TraefikLabel, _ reason: String, _ kind: UnusedDeclaration.Kind) {
        note(label.key, label.value, reason, kind)
    }

    private mutating func note(_ key: String, _ value: String, _ reason: String, _ kind: UnusedDeclaration.Kind) {
        unused.append(
            UnusedDeclaration(source: "traefik", place: place, key: key, value: value, reason: reason, kind: kind)
        )
    }

    /// Labels of the first generation, and labels of a service's containers.
    private mutating func tellOthers() {
        let ofV1 = rules.filter { $0.lower.ends(with: ".frontend.rule") }
        for label in ofV1 {
            let reason = "Traefik v2 and v3 do not read labels of v1; for a Traefik v1 set LANDFALL_TRAEFIK_VERSION=1"
            note(label, reason, ofV1.count == rules.count ? .rejection : .note)
        }
        for label in rules where !label.isOf(TraefikLabel.sections) && !label.lower.ends(with: ".frontend.rule") {
            note(
                label,
                "Traefik reads rules at traefik.http.routers.NAME.rule and traefik.tcp.routers.NAME.rule",
                .rejection
            )
        }
        guard object.kind == .service else { return }
        for label in TraefikLabel.all(object.containerLabels) where label.lower.ends(with: ".rule") {
            let reason =
                "it is a container label, and Traefik reads those of the service; write it under `deploy: labels:`"
            note(label, reason, rules.isEmpty ? .rejection : .note)
        }
    }

    // MARK: Whether Traefik looks at the object

    private mutating func isUsed() throws(RuleError) -> Bool {
        let tree = try TraefikLabel.tree(own, provider == "swarm" ? TraefikLabel.ofServices : TraefikLabel.ofContainers)
        let shape = provider == "swarm" ? TraefikFields.service : TraefikFields.container
        if tree != .empty, let reason = shape.reason(against: tree) {
            throw RuleError("\(reason), so Traefik skips the \(object.word)")
        }
        guard provider != "swarm" || tree["traefik", "docker"] == nil || tree["traefik", "swarm"] == nil else {
            throw RuleError("it has labels traefik.docker and traefik.swarm, and Traefik takes one or the other")
        }
        let fields = tree["traefik"]
        let flag = { (section: String, name: String) in fields?[section, name]?.text.flatMap(goFlag) }
        let runs =
            object.state == "running"
            || (object.kind == .service
                ? flag("docker", "lbswarm") ?? flag("swarm", "lbswarm") : flag("docker", "allownonrunning")) ?? false
        let reason: (String, UnusedDeclaration.Kind)? =
            if !(fields?["enable"]?.text.flatMap(goFlag) ?? options.isExposedByDefault(object.kind)) {
                ("Traefik is not enabled for it", .note)
            } else if let constraints = options.constraints(object.kind), try !holds(constraints) {
                ("Traefik's constraints leave it out", .note)
            } else if !runs {
                ("the \(object.word) is not running, so Traefik has no router for it", .waiting)
            } else {
                nil
            }
        guard let reason else { return true }
        for label in rules { note(label, reason.0, reason.1) }
        // What has no rule has a host by the template, which stays as well while it does not run.
        if rules.isEmpty, reason.1 == .waiting, options.setsDefaultRule(object.kind) {
            note(own.first?.key ?? "traefik.enable", own.first?.value ?? "", reason.0, reason.1)
        }
        return false
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
            return ((labels[matcher.values[0]] ?? "") == matcher.values[1]) != matcher.isNegated
        }
    }

    // MARK: What Traefik adds

    /// Services and routers that are not declared, and the links between them.
    private mutating func complete(_ part: TraefikPart, _ root: Node) throws(RuleError) {
        let holds = { (section: String, kinds: [String]) in
            root[section].map { fields in kinds.contains { !(fields[$0]?.fields.isEmpty ?? true) } } ?? false
        }
        let others = ["tcp", "udp"].filter { holds($0, ["routers", "services"]) }
        let hasHTTP = others.isEmpty || holds("http", ["routers", "services", "middlewares"])
        for section in others + (hasHTTP ? ["http"] : []) {
            let services = root[section, "services"]?.fields ?? []
            for service in services { try checkPort(service.value, service.key) }
            if services.isEmpty {
                let standard = normalized(object.declaredName)
                try checkPort(nil, standard)
                part.services.append((section, standard, .text("")))
            }
            if section == "udp" { continue }
            if section == "http", !part.routers.contains(where: { !$0.isTCP }), services.count < 2 {
                part.routers.append(TraefikRouter(standard: normalized(object.declaredName)))
            }
            link(part, section, services.isEmpty ? [normalized(object.declaredName)] : services.map(\.key))
        }
    }

    /// - Parameter service: nil: none is declared, so there is one of the object's name.
    private func checkPort(_ service: Node?, _ name: String) throws(RuleError) {
        let balancer = service?["loadbalancer"]
        guard service == nil || balancer != nil else {
            throw RuleError(
                "its service \(sanitized(name, limit: 60)) has no load balancer, so Traefik skips the \(object.word)"
            )
        }
        let text = { (key: String) in balancer?["server", key]?.text ?? "" }
        guard text("url").isEmpty || text("port").isEmpty && text("scheme").isEmpty else {
            throw RuleError(
                "its service \(sanitized(name, limit: 60)) has a URL and a port, and Traefik takes one or the other"
            )
        }
        guard balancer?["server"].map({ !$0.fields.isEmpty }) ?? true else {
            throw RuleError(
                "loadbalancer.server takes fields, and no value of its own, so Traefik skips the \(object.word)"
            )
        }
        guard text("url").isEmpty, text("port").isEmpty, object.kind == .service || object.ports.isEmpty else { return }
        throw RuleError(
            "Traefik knows no port of its service \(sanitized(name, limit: 60)); set "
                + "traefik.http.services.\(sanitized(name, limit: 60)).loadbalancer.server.port"
        )
    }

    private mutating func link(_ part: TraefikPart, _ section: String, _ services: [String]) {
        for place in part.routers.indices.reversed() where part.routers[place].isTCP == (section == "tcp") {
            do throws(RuleError) {
                try link(part.routers[place], services)
            } catch {
                let router = part.routers.remove(at: place)
                note(part.key(of: router).text, router.rule, error.reason, .rejection)
            }
        }
    }

    private func link(_ router: TraefikRouter, _ services: [String]) throws(RuleError) {
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
            "Name": .text(normalized(declaredName)), "ContainerName": .text(name),
            "Labels": .map(labels.mapValues { .text($0) }),
        ])
    }
}

/// A label that Traefik reads.
struct TraefikLabel {
    let key: String
    /// The key in lower case.
    let lower: String
    let value: String

    /// The beginnings of the labels that hold dynamic configuration.
    static let sections = ["traefik.http", "traefik.tcp", "traefik.udp", "traefik.tls.stores.default"]

    /// The beginnings of those that the providers themselves read.
    static let ofContainers = ["traefik.enable", "traefik.docker."]
    static let ofServices = ofContainers + ["traefik.swarm."]

    /// How many parts a key may have.
    private static let deepest = 32

    static func all(_ labels: [String: String]) -> [TraefikLabel] {
        var all: [TraefikLabel] = []
        all.reserveCapacity(labels.count)
        for (key, value) in labels {
            let lower = key.asciiLowercased
            if lower.begins(with: "traefik.") { all.append(TraefikLabel(key: key, lower: lower, value: value)) }
        }
        all.sort { $0.key.precedes($1.key) }
        return all
    }

    func isOf(_ beginnings: [String]) -> Bool { beginnings.contains(where: lower.begins) }

    /// Those labels that begin so, as a tree. The first spelling of a name counts, and the last value.
    static func tree(_ labels: [TraefikLabel], _ beginnings: [String]) throws(RuleError) -> Node {
        var (root, places): (Node, [String: Int]) = (.empty, [:])
        for label in labels where label.isOf(beginnings) {
            let parts = label.key.parts(at: ".")
            guard parts.count <= deepest, parts[0] == "traefik",
                parts.allSatisfy({ !$0.isEmpty && !$0.begins(with: "[") })
            else { throw RuleError("there is no field \(sanitized(label.key, limit: 80))") }
            let path = parts.contains { $0.utf8.last == bracket } ? split(parts) : parts
            put(label.value, in: &root, at: path, 0, &places)
        }
        return root
    }

    private static let bracket = UInt8(ascii: "]")

    /// `servers[0]` is a field `[0]` of `servers`.
    private static func split(_ parts: [String]) -> [String] {
        parts.flatMap { part in
            guard part.utf8.last == bracket, let start = part.utf8.firstIndex(of: UInt8(ascii: "[")) else {
                return [part]
            }
            return [part.utf8[..<start], part.utf8[start...]].map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// - Parameter places: by their paths in lower case, those of fields that are not among the first of their parent.
    private static func put(
        _ text: String,
        in node: inout Node,
        at path: [String],
        _ depth: Int,
        _ places: inout [String: Int]
    ) {
        guard depth < path.count else {
            node.text = text
            if node.fields.isEmpty { node.kind = .text }
            return
        }
        node.kind = .map
        let (key, last) = (path[depth], node.fields.count - 1)
        // Those that belong together mostly follow each other.
        if last >= 0, node.fields[last].key == key {
            return put(text, in: &node.fields[last].value, at: path, depth + 1, &places)
        }
        let lower = key.asciiLowercased
        var place = node.fields.prefix(16).firstIndex { $0.key.asciiLowercased == lower }
        if place == nil, last >= 15 {
            let whole = path[...depth].joined(separator: ".").asciiLowercased
            place = places[whole]
            if place == nil { places[whole] = last + 1 }
        }
        if place == nil {
            if node.fields.isEmpty { node.fields.reserveCapacity(4) }
            node.fields.append(Node.Field(key: key, value: .empty))
        }
        put(text, in: &node.fields[place ?? last + 1].value, at: path, depth + 1, &places)
    }
}
