import Declarations
import Discovery
import Model

extension Configuration {
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
            reader.text("LANDFALL_TRAEFIK_OPTIONS") ?? "",
            version: reader.value("LANDFALL_TRAEFIK_VERSION", standard: 3, number(in: 1...3)),
            entryPoints: Set(reader.list("LANDFALL_TRAEFIK_ENTRYPOINTS") { $0 }),
            elsewhere: Set(reader.list("LANDFALL_TRAEFIK_ELSEWHERE") { $0.contains("@") ? $0 : nil })
        )
        return SourceSettings(
            names: names.isEmpty ? [.landfall] : names,
            folders: sources.compactMap(\.folder),
            traefik: traefik,
            caddyPrefix: reader.value("LANDFALL_CADDY_LABEL_PREFIX", standard: "caddy", labelKey),
            environment: Dictionary(variables) { $1 },
            ordersOpenCertificates: reader.value("LANDFALL_SOURCE_CERTIFICATES", standard: false) { text in
                ["proxy": false, "landfall": true][text.lowercased()]
            },
            areAccepted: reader.value("LANDFALL_SOURCE_ACCEPT", standard: false, flag)
        )
    }
}
