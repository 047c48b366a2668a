/// What Traefik's own static configuration says, as far as it decides which hosts there are, and what Landfall is told about it.
package struct TraefikOptions: Sendable {
    /// Traefik's own options by their names in lower case: `providers.docker.exposedbydefault`.
    let own: [String: String]
    /// 1, 2 or 3.
    let version: Int
    /// Routers at other entry points are left out; empty: none are.
    let entryPoints: Set<String>
    /// Middlewares and services of other providers that are there: `auth@file`, or `*@file` for all of one.
    let elsewhere: Set<String>
    /// All entry points, if that is told: each has an address.
    let entryPointsWithAddress: Set<String>
    /// All resolvers, if that is told.
    private let resolvers: Set<String>

    /// - Parameter text: its command line, `--NAME=VALUE`, one a line or one after the other. What does not matter may be in it.
    package init(
        _ text: String = "",
        version: Int = 3,
        entryPoints: Set<String> = [],
        elsewhere: Set<String> = []
    ) {
        (self.version, self.entryPoints, self.elsewhere) = (version, entryPoints, elsewhere)
        let own: [String: String] = Self.options(text).reduce(into: [:]) { options, option in
            let parts = option.parts(at: "=")
            let value = parts.dropFirst().joined(separator: "=")
            options[parts[0].withoutSpaces.asciiLowercased] = parts.count == 1 ? "true" : value.withoutSpaces
        }
        self.own = own
        resolvers = Self.names("certificatesresolvers.", own)
        entryPointsWithAddress = Self.names("entrypoints.", own).filter { own["entrypoints.\($0).address"] != nil }
    }

    /// `--a=1 --b`, or `- "--a=1"` on a line of its own.
    private static func options(_ text: String) -> [String] {
        var (options, current): ([String], [UInt8]) = ([], [])
        let bytes = Array(text.utf8)
        for (place, byte) in bytes.enumerated() {
            let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            if byte == UInt8(ascii: "\n") || isSpace && bytes[(place + 1)...].starts(with: Array("--".utf8)) {
                options.append(String(decoding: current, as: UTF8.self))
                current = []
            } else {
                current.append(byte)
            }
        }
        options.append(String(decoding: current, as: UTF8.self))
        return options.map(bare).filter { !$0.isEmpty }
    }

    private static func bare(_ option: String) -> String {
        var option = option.withoutSpaces
        if option.begins(with: "- ") { option = option.without(first: 2).withoutSpaces }
        for quote in ["\"", "'"] where option.begins(with: quote) && option.ends(with: quote) && option.utf8.count > 1 {
            option = option.without(first: 1, last: 1)
        }
        return option.begins(with: "--") ? option.without(first: 2) : option
    }

    /// The options, one a line, as far as they decide which hosts there are; the others may be secrets.
    package var text: String {
        own.map { key, value in
            let isDecisive =
                [".exposedbydefault", ".defaultrule", ".constraints"].contains(where: key.ends)
                || ["core.", "acme.on"].contains(where: key.begins) || key == "docker.domain"
                || key.begins(with: "entrypoints.") && (key.holds(".http.tls") || key.ends(with: ".asdefault"))
            return "--\(key)=\(isDecisive ? value : "")"
        }.sorted().joined(separator: "\n")
    }

    /// Whether constraints or a default rule ask for a label, whatever it is called.
    package func reads(_ label: String) -> Bool {
        own.contains { key, value in
            (key.ends(with: ".constraints") || key.ends(with: ".defaultrule"))
                && ["`\(label)`", "\"\(label)\"", ".Labels.\(label)"].contains(where: value.holds)
        }
    }

    /// The options of the provider that reads this kind of object; in v2 the one of Docker reads services as well.
    private func provider(_ kind: DeclaringObject.Kind, _ option: String) -> String? {
        kind == .service && version > 2 ? own["providers.swarm.\(option)"] : own["providers.docker.\(option)"]
    }

    func isExposedByDefault(_ kind: DeclaringObject.Kind) -> Bool {
        provider(kind, "exposedbydefault").map { goFlag($0) ?? true } ?? true
    }

    func defaultRule(_ kind: DeclaringObject.Kind) -> String {
        provider(kind, "defaultrule") ?? "Host(`{{ normalize .Name }}`)"
    }

    func setsDefaultRule(_ kind: DeclaringObject.Kind) -> Bool { provider(kind, "defaultrule") != nil }

    func constraints(_ kind: DeclaringObject.Kind) -> String? { provider(kind, "constraints") }

    func syntax(_ router: String?) -> TraefikSyntax {
        let standard = version == 2 || own["core.defaultrulesyntax"] == "v2" ? "v2" : "v3"
        return (router.flatMap { $0.isEmpty ? nil : $0 } ?? standard) == "v2" ? .v2 : .v3
    }

    /// The names that options have behind a prefix.
    private static func names(_ prefix: String, _ own: [String: String]) -> Set<String> {
        Set(own.keys.filter { $0.begins(with: prefix) }.map { $0.without(first: prefix.utf8.count).parts(at: ".")[0] })
    }

    package var isFirstVersion: Bool { version == 1 }

    var knowsResolvers: Bool { !resolvers.isEmpty }

    /// Whether a resolver is there, as far as that is told.
    func hasResolver(_ name: String) -> Bool {
        resolvers.isEmpty || resolvers.contains(name.asciiLowercased)
    }

    func hasPlugin(_ name: String) -> Bool {
        ["experimental.plugins.", "experimental.localplugins."]
            .contains { Self.names($0, own).contains(name.asciiLowercased) }
    }

    /// The TLS configuration that an entry point gives to routers without one.
    func tls(ofEntryPoint name: String) -> TraefikTLS? {
        let prefix = "entrypoints.\(name.asciiLowercased).http.tls"
        let options = own.filter { $0.key == prefix || $0.key.begins(with: prefix + ".") }
        guard !options.isEmpty, options[prefix] != "false" else { return nil }
        let domains = options.filter { $0.key.holds(".domains") }.sorted { $0.key < $1.key }.flatMap {
            $0.value.parts(at: ",").map(\.withoutSpaces)
        }
        return TraefikTLS(resolver: options["\(prefix).certresolver"] ?? "", domains: domains.isEmpty ? nil : domains)
    }

    /// The entry points of a router that names none.
    var standardEntryPoints: [String] {
        let prefix = "entrypoints."
        let names = Self.names(prefix, own)
        let standard = names.filter { own["\(prefix)\($0).asdefault"].flatMap(goFlag) ?? false }
        return (standard.isEmpty ? names : standard).sorted()
    }
}
