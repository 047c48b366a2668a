package import Declarations
import Model

/// `LANDFALL_SOURCES` and its options: which declarations are read besides Landfall's own labels.
package struct SourceSettings: Sendable {
    /// In the order in which they count where two declare one host on one object.
    package private(set) var names: [Name]
    /// Of Traefik's dynamic files.
    package let folders: [String]
    /// Of caddy-docker-proxy's labels.
    let caddyPrefix: String
    /// Whether Landfall orders certificates for hosts where no declaration says whether the proxy does.
    let ordersOpenCertificates: Bool
    /// `LANDFALL_SOURCE_ACCEPT`: whether sources count without being accepted first.
    package let areAccepted: Bool
    private let traefik: TraefikOptions
    /// Of what decides which hosts a source finds.
    private let digests: [Name: String]
    /// The variables of the proxies themselves.
    private let environment: [String: String]

    package enum Name: String, Hashable, Sendable, CaseIterable {
        case landfall, traefik, traefikFile = "traefik-file", caddy, nginxProxy = "nginx-proxy"
    }

    package init(
        names: [Name] = [.landfall],
        folders: [String] = [],
        traefik: TraefikOptions = TraefikOptions(),
        caddyPrefix: String = "caddy",
        environment: [String: String] = [:],
        ordersOpenCertificates: Bool = false,
        areAccepted: Bool = false,
        digests: [Name: String] = [:]
    ) {
        (self.names, self.folders, self.traefik, self.caddyPrefix) = (names, folders, traefik, caddyPrefix)
        (self.environment, self.ordersOpenCertificates) = (environment, ordersOpenCertificates)
        (self.areAccepted, self.digests) = (areAccepted, digests)
    }

    /// What a person accepts with a source: with another one it may find other hosts.
    package func digest(of name: Name) -> String { digests[name] ?? "" }

    /// Whether anything but Landfall's own labels is read.
    package var readsMore: Bool { names.contains { $0 != .landfall } }

    /// The same settings for other sources.
    package func reading(_ names: [Name]) -> SourceSettings {
        var settings = self
        settings.names = names
        return settings
    }

    func reads(_ name: Name) -> Bool { names.contains(name) }

    /// To add a source, add a line.
    private var sources: [any DeclarationSource] {
        let sources: [(any DeclarationSource)?] = [
            reads(.traefik) || reads(.traefikFile)
                ? TraefikSource(
                    traefik,
                    readsLabels: reads(.traefik),
                    readsFiles: reads(.traefikFile),
                    environment: environment
                ) : nil,
            reads(.caddy) ? CaddySource(prefix: caddyPrefix, environment: environment) : nil,
            reads(.nginxProxy) ? NginxProxySource() : nil,
        ]
        return sources.compactMap(\.self)
    }

    /// What all sources find, those first that come first.
    func declarations(_ objects: [DeclaringObject], _ files: [DeclaringFile]) -> Declarations {
        var all = Declarations()
        for source in sources {
            let found = source.read(objects, files)
            all.hosts += found.hosts
            all.unused += found.unused
        }
        let ranks = names.enumerated().reduce(into: [:]) { $0[$1.element.rawValue] = $1.offset }
        all.hosts = all.hosts.enumerated().sorted { left, right in
            let (first, second) = (ranks[left.element.source] ?? 0, ranks[right.element.source] ?? 0)
            return (first, left.offset) < (second, right.offset)
        }.map(\.element)
        return all
    }

    /// The value of a label as a recording may hold it; nil if no source reads it.
    func recordable(_ label: String, _ value: String) -> String? {
        let lower = label.lowercased()
        if reads(.traefik) {
            if traefik.reads(label) { return value }
            if lower.hasPrefix("traefik.") { return RecordableDeclaration.traefik(label, value) }
        }
        guard reads(.caddy), lower.hasPrefix(caddyPrefix.lowercased()) else { return nil }
        return RecordableDeclaration.caddy(label, value)
    }

    /// A file as a recording may hold it.
    package func recordable(_ path: String, _ bytes: [UInt8]) -> [UInt8] {
        guard folders.contains(where: { path.hasPrefix($0 + "/") }) else { return bytes }
        return RecordableDeclaration.file(path, bytes, environment: environment)
    }
}
