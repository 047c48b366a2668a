import Crypto
import Declarations
import Discovery
import Model

extension Configuration {
    private static let traefikOptions = "LANDFALL_TRAEFIK_OPTIONS"

    /// The same as a recording may hold it.
    static func recordableOptions(_ reader: Reader) -> [String: String] {
        reader.text(traefikOptions).map { [traefikOptions: TraefikOptions($0).text] } ?? [:]
    }

    static func sources(_ reader: inout Reader) -> SourceSettings {
        let folderPrefix = "traefik-file:"
        let sources = reader.list("LANDFALL_SOURCES") { text -> (name: SourceSettings.Name, folder: String?)? in
            if text.hasPrefix(folderPrefix) {
                return path(String(text.dropFirst(folderPrefix.count))).map { (.traefikFile, $0) }
            }
            return SourceSettings.Name(rawValue: text.lowercased()).flatMap { $0 == .traefikFile ? nil : ($0, nil) }
        }
        let variables = reader.list("LANDFALL_PROXY_ENVIRONMENT") { text -> (String, String)? in
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
        var names: [SourceSettings.Name] = []
        for source in sources where !names.contains(source.name) { names.append(source.name) }
        let traefik = TraefikOptions(
            reader.text(traefikOptions) ?? "",
            version: reader.value("LANDFALL_TRAEFIK_VERSION", standard: 3, number(in: 1...3)),
            entryPoints: Set(reader.list("LANDFALL_TRAEFIK_ENTRYPOINTS") { $0.lowercased() }),
            elsewhere: Set(reader.list("LANDFALL_TRAEFIK_ELSEWHERE") { $0.contains("@") ? $0 : nil })
        )
        let folders = sources.compactMap(\.folder)
        if traefik.isFirstVersion, !folders.isEmpty {
            reader.reject(
                "LANDFALL_SOURCES: traefik-file reads files of Traefik v2 and v3, and LANDFALL_TRAEFIK_VERSION is 1"
            )
        }
        return SourceSettings(
            names: names.isEmpty ? [.landfall] : names,
            folders: folders,
            traefik: traefik,
            caddyPrefix: reader.value("LANDFALL_CADDY_LABEL_PREFIX", standard: "caddy", labelKey),
            environment: Dictionary(variables) { $1 },
            ordersOpenCertificates: reader.value("LANDFALL_SOURCE_CERTIFICATES", standard: false) { text in
                ["proxy": false, "landfall": true][text.lowercased()]
            },
            areAccepted: reader.value("LANDFALL_SOURCE_ACCEPT", standard: false, flag),
            digests: digests(names, folders, traefik, reader)
        )
    }

    /// By source, of all that decides which hosts it finds and which of them get certificates.
    private static func digests(
        _ names: [SourceSettings.Name],
        _ folders: [String],
        _ traefik: TraefikOptions,
        _ reader: Reader
    ) -> [SourceSettings.Name: String] {
        names.reduce(into: [:]) { digests, name in
            let own = Variable.all.map(\.name).filter { variable in
                switch name {
                case .traefik, .traefikFile: variable.hasPrefix("LANDFALL_TRAEFIK_")
                case .caddy: variable.hasPrefix("LANDFALL_CADDY_")
                case .nginxProxy, .landfall: false
                }
            }
            let common = [
                "LANDFALL_PROXY_ENVIRONMENT", "LANDFALL_SOURCE_CERTIFICATES", "LANDFALL_SERVICE_HOSTS",
                "LANDFALL_ZONES",
            ]
            // Whether labels and files are read decides which routers are whole.
            let isOfTraefik: (SourceSettings.Name) -> Bool = { $0 == .traefik || $0 == .traefikFile }
            let whole = isOfTraefik(name) ? names.filter(isOfTraefik).map(\.rawValue).sorted() + folders.sorted() : []
            let settings =
                (own + common).compactMap { variable in
                    // A later version may know more of them.
                    reader.text(variable).map { "\(variable)=\(variable == traefikOptions ? traefik.text : $0)" }
                } + whole
            digests[name] = String(Digest.sha256(Array(settings.joined(separator: "\n").utf8)).prefix(16))
        }
    }
}
