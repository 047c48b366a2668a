import Model

/// Reads what is declared to nginx-proxy and to acme-companion, in the environment of services and containers
/// (https://github.com/nginx-proxy/nginx-proxy/tree/main/docs, https://github.com/nginx-proxy/acme-companion/tree/main/docs).
package struct NginxProxySource: DeclarationSource {
    package let name = "nginx-proxy"

    package init() {}

    package func read(_ objects: [DeclaringObject], _ files: [DeclaringFile]) -> Declarations {
        var declarations = Declarations()
        for (place, object) in objects.enumerated() {
            var reader = NginxProxyReader(object, .object(place))
            reader.read()
            declarations.hosts += reader.hosts
            declarations.unused += reader.unused
        }
        return declarations
    }
}

/// Reads the environment of one object.
private struct NginxProxyReader {
    private let object: DeclaringObject
    private let place: DeclarationPlace
    /// Of a variable that is given twice the last counts.
    private let variables: [String: String]
    private(set) var hosts: [DeclaredHost] = []
    private(set) var unused: [UnusedDeclaration] = []

    init(_ object: DeclaringObject, _ place: DeclarationPlace) {
        (self.object, self.place) = (object, place)
        variables = object.environment.reduce(into: [:]) { variables, line in
            let parts = line.parts(at: "=")
            variables[parts[0]] = parts.dropFirst().joined(separator: "=")
        }
    }

    mutating func read() {
        let served = served()
        let (ofCertificate, ordered) = ordered()
        guard object.state == "running" else {
            for name in served + ordered.map({ (key: ofCertificate, name: $0, part: $0) }) {
                reject(name.key, name.name, "the \(object.word) is not running", .waiting)
            }
            return
        }
        let certificate: DeclaredHost.Certificate =
            ordered.count == 1 || isSingle.flatMap(goFlag) ?? false ? .each : .shared
        for (key, name, part) in served {
            let isOrdered = ordered.contains(name)
            let reason = isOrdered ? "\(ofCertificate) names it" : "neither ACME_HOST nor LETSENCRYPT_HOST names it"
            add(name, key, part, isOrdered ? certificate : .none, reason)
        }
        let names = Set(served.map(\.name))
        for name in ordered where !names.contains(name) {
            add(name, ofCertificate, name, certificate, "VIRTUAL_HOST does not name it", wantsRecord: false)
        }
    }

    private mutating func add(
        _ name: String,
        _ key: String,
        _ part: String,
        _ certificate: DeclaredHost.Certificate,
        _ reason: String,
        wantsRecord: Bool = true
    ) {
        hosts.append(
            DeclaredHost(
                source: "nginx-proxy",
                place: place,
                name: name,
                key: key,
                part: part,
                wantsRecord: wantsRecord,
                certificate: certificate,
                reason: reason
            )
        )
    }

    private mutating func reject(
        _ key: String,
        _ value: String,
        _ reason: String,
        _ kind: UnusedDeclaration.Kind = .rejection
    ) {
        unused.append(
            UnusedDeclaration(source: "nginx-proxy", place: place, key: key, value: value, reason: reason, kind: kind)
        )
    }

    /// Whether each name has a certificate of its own, as it is written.
    private var isSingle: String? {
        variables["ACME_SINGLE_DOMAIN_CERTS"] ?? variables["LETSENCRYPT_SINGLE_DOMAIN_CERTS"]
    }

    // MARK: Names that are served

    private mutating func served() -> [(key: String, name: String, part: String)] {
        var names: [(key: String, name: String, part: String)] = []
        var seen: Set<String> = []
        let declared = declared()
        for (key, text) in declared where refuses(text.asciiLowercased) {
            reject(key, text, "with it nginx refuses the configuration of all hosts; give the host name alone")
            return []
        }
        for (key, text) in declared {
            for name in serverNames(text, key) where seen.insert(name).inserted { names.append((key, name, text)) }
        }
        return names
    }

    /// `VIRTUAL_HOST_MULTIPORTS`, even if it is empty, hides `VIRTUAL_HOST`.
    private mutating func declared() -> [(key: String, text: String)] {
        let (ports, host) = ("VIRTUAL_HOST_MULTIPORTS", "VIRTUAL_HOST")
        if let text = variables[ports] {
            if let hidden = variables[host], text.withoutSpaces.isEmpty {
                reject(host, hidden, "\(ports) hides it, although it is empty")
            }
            do throws(DocumentError) {
                let document = try DocumentReader.read(Array(text.utf8), .yaml)
                guard document.kind == .map || document.kind == .empty,
                    document.fields.allSatisfy({ $0.value.kind == .map || $0.value.kind == .empty })
                else {
                    throw DocumentError("nginx-proxy takes hosts with paths below them, as in `NAME: {/: {port: 80}}`")
                }
                return document.fields.map { (ports, $0.key) }
            } catch {
                reject(ports, text, error.reason)
                return []
            }
        }
        let parts = (variables[host] ?? "").parts(at: ",").map(\.withoutSpaces).filter { !$0.isEmpty }
        if parts.isEmpty, let text = variables[host] { reject(host, text, "it names no host", .note) }
        return parts.map { (host, $0) }
    }

    /// A name for nginx: one host, a wildcard, or with a dot before it both.
    private mutating func serverNames(_ text: String, _ key: String) -> [String] {
        let name = text.asciiLowercased
        if let reason = nginxReason(name) {
            reject(key, text, reason)
            return []
        }
        if name.begins(with: ".") {
            let bare = name.without(first: 1)
            if let reason = reasonAgainstHost(bare) {
                reject(key, text, reason)
                return []
            }
            return [bare, "*." + bare]
        }
        if let reason = reasonAgainstHost(name) {
            reject(key, text, reason)
            return []
        }
        return [name]
    }

    private func nginxReason(_ name: String) -> String? {
        if name.begins(with: "~") { return "a regular expression is not guessed; name the hosts" }
        if name.utf8.last == UInt8(ascii: ".") { return "nginx takes the dot at the end for a part of the name" }
        if name.ends(with: ".*") { return "a name that ends with `*` lies in no zone" }
        return nil
    }

    /// Whether it is a name with which nginx starts no more: what is no part of one, and a `*` that is not the first or last part.
    private func refuses(_ name: String) -> Bool {
        guard !name.begins(with: "~") else { return false }
        let wrong = [0x20, 0x22, 0x27, 0x3A, 0x3B, 0x2F, 0x24, 0x7B].map { UInt8($0) }
        let stars = name.utf8.count { $0 == UInt8(ascii: "*") }
        return name.utf8.contains(where: wrong.contains) || name.holds("..") || stars > 1
            || stars == 1 && !(name.begins(with: "*.") || name.ends(with: ".*"))
    }

    // MARK: Names with a certificate

    /// `ACME_HOST`, even if it is empty, hides `LETSENCRYPT_HOST`.
    private mutating func ordered() -> (key: String, names: [String]) {
        let key = variables["ACME_HOST"] == nil ? "LETSENCRYPT_HOST" : "ACME_HOST"
        let parts = (variables[key] ?? "").parts(at: ",").map(\.withoutSpaces).filter { !$0.isEmpty }
        guard !parts.isEmpty else { return (key, []) }
        if let isSingle, goFlag(isSingle) == nil {
            reject(
                "ACME_SINGLE_DOMAIN_CERTS",
                isSingle,
                "acme-companion takes `true` or `false`, and fails for all with another value"
            )
            return (key, [])
        }
        if variables["LETSENCRYPT_TEST"]?.asciiLowercased == "true" {
            let reason =
                "it asks for a certificate for tests, and Landfall orders those only for all hosts, by CERTBOT_STAGING"
            reject("LETSENCRYPT_TEST", "true", reason)
            return (key, [])
        }
        if let authority = variables["ACME_CA_URI"], !authority.isEmpty {
            reject("ACME_CA_URI", authority, "Landfall orders all certificates at one authority, CERTBOT_SERVER")
            return (key, [])
        }
        var names: [String] = []
        for part in parts {
            let name = part.utf8.last == UInt8(ascii: ".") ? part.without(last: 1) : part
            // As it is written: an upper-case name is ordered by none.
            let reason =
                name == name.asciiLowercased
                ? reasonAgainstHost(name) : "a certificate is ordered for a name in lower case"
            if let reason { reject(key, part, reason) } else if !names.contains(name) { names.append(name) }
        }
        return (key, names)
    }
}
