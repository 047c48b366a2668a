import Model

/// Labels of Traefik v1: `traefik.frontend.rule`, and with a segment `traefik.SEGMENT.frontend.rule`
/// (https://doc.traefik.io/traefik/v1.7/configuration/backends/docker/).
extension TraefikSource {
    func readFrontends(_ objects: [DeclaringObject]) -> Declarations {
        var declarations = Declarations()
        for (place, object) in objects.enumerated() {
            var reader = TraefikFrontendReader(object, .object(place), options: options)
            reader.read(into: &declarations)
        }
        return declarations
    }
}

private struct TraefikFrontendReader {
    private let object: DeclaringObject
    private let place: DeclarationPlace
    private let options: TraefikOptions

    init(_ object: DeclaringObject, _ place: DeclarationPlace, options: TraefikOptions) {
        (self.object, self.place, self.options) = (object, place, options)
    }

    private static let matchers: Set = [
        "Host", "HostRegexp", "Path", "PathStrip", "PathStripRegex", "PathPrefix", "PathPrefixStrip",
        "PathPrefixStripRegex", "Method", "Headers", "HeadersRegexp", "AddPrefix", "ReplacePath", "ReplacePathRegex",
        "Query",
    ]

    mutating func read(into declarations: inout Declarations) {
        let rules = object.labels.filter { key, _ in
            let parts = key.parts(at: ".")
            return parts[0] == "traefik" && (3...4).contains(parts.count) && parts.suffix(2) == ["frontend", "rule"]
        }
        let isExposed = options.own["docker.exposedbydefault"].flatMap(goFlag) ?? true
        let isEnabled = object.labels["traefik.enable"].map { goFlag($0) ?? isExposed } ?? isExposed
        let reason: (String, UnusedDeclaration.Kind)? =
            if !isEnabled {
                ("Traefik is not enabled for it", .note)
            } else if object.state != "running" {
                ("the \(object.word) is not running, so Traefik has no frontend for it", .waiting)
            } else if object.ports.isEmpty,
                !object.labels.keys.contains(where: { $0.begins(with: "traefik.") && $0.ends(with: "port") })
            {
                ("Traefik knows no port of it; set traefik.port", .rejection)
            } else {
                nil
            }
        for (key, rule) in rules.sorted(by: { $0.key < $1.key }) {
            if let reason {
                declarations.unused.append(unused(key, rule, reason.0, reason.1))
            } else {
                read(key, rule, &declarations)
            }
        }
        if rules.isEmpty, let domain = object.labels["traefik.domain"] ?? options.own["docker.domain"] {
            if let reason {
                // Of what has no rule nothing is wrong; what has its host by the domain keeps it while it does not run.
                if reason.1 == .waiting {
                    declarations.unused.append(unused("traefik.domain", domain, reason.0, reason.1))
                }
                return
            }
            let compose = ["com.docker.compose.service", "com.docker.compose.project"].compactMap { object.labels[$0] }
            let name = (compose.count == 2 ? compose.joined(separator: ".") : object.name)
            let host = TraefikMatchers.normal(name.parts(at: "_").joined(separator: "-") + "." + domain)
            add(host, "traefik.domain", "Host:\(host)", &declarations)
        }
    }

    private func unused(_ key: String, _ value: String, _ reason: String, _ kind: UnusedDeclaration.Kind = .rejection)
        -> UnusedDeclaration
    {
        UnusedDeclaration(source: "traefik", place: place, key: key, value: value, reason: reason, kind: kind)
    }

    /// `Host:a.example.test,b.example.test;PathPrefix:/x`: all parts hold at once.
    private func read(_ key: String, _ rule: String, _ declarations: inout Declarations) {
        var hosts: [String]?
        for part in rule.parts(at: ";") {
            let pieces = part.parts(at: ":")
            let (matcher, value) = (pieces[0].withoutSpaces, pieces.dropFirst().joined(separator: ":"))
            guard Self.matchers.contains(matcher), pieces.count > 1 else {
                let reason =
                    "`\(sanitized(matcher, limit: 40))` is no matcher of Traefik v1, as in Host:NAME;PathPrefix:/x"
                declarations.unused.append(unused(key, rule, reason))
                return
            }
            if matcher == "HostRegexp" {
                let reason = "a regular expression is not guessed; name the hosts"
                declarations.unused.append(unused(key, part, reason))
            }
            guard matcher == "Host" else { continue }
            let names = value.parts(at: ",").map { TraefikMatchers.normal($0.withoutSpaces) }
            hosts = hosts.map { $0.filter(names.contains) } ?? names
        }
        guard let hosts else {
            declarations.unused.append(unused(key, rule, "it names no host", .note))
            return
        }
        for host in hosts { add(host, key, "Host:\(host)", &declarations) }
    }

    private func add(_ host: String, _ key: String, _ part: String, _ declarations: inout Declarations) {
        if let reason = reasonAgainstHost(host) {
            declarations.unused.append(unused(key, host, reason))
            return
        }
        let isOrdered = options.own["acme.onhostrule"].flatMap(goFlag) ?? false
        let reason = "Traefik's option acme.onHostRule is \(isOrdered ? "on" : "off")"
        if isOrdered { declarations.proxyCertificates[host] = reason }
        declarations.hosts.append(
            DeclaredHost(
                source: "traefik",
                place: place,
                name: host,
                key: key,
                part: part,
                certificate: isOrdered ? .proxy : .open,
                reason: reason
            )
        )
    }
}
