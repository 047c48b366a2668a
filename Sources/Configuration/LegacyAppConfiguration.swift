import Model
import Ports

/// What the Python app that Landfall grew out of was configured with: key=value files under `/var/secrets`, and keys that
/// Landfall has under other names. docs/migrating.md tells it to people.
struct LegacyAppConfiguration {
    /// The app's files, and the keys that each is the place of.
    static let files: KeyValuePairs = [
        "/var/secrets/app.config": [
            "DEFAULT_DOMAIN", "IMMEDIATE_START", "METRICS_PORT", "METRICS_HOST", "SCHEDULER_CLASS", "DISCOVERY_CLASS",
            "DNS_MANAGER_CLASS", "SSL_MANAGER_CLASS", "NOTIFICATION_MANAGER_CLASS",
        ],
        "/var/secrets/discovery": ["DOCKER_DISCOVERY_LABEL"],
        "/var/secrets/cloudflare": ["CLOUDFLARE_EMAIL", "CLOUDFLARE_TOKEN"],
        "/var/secrets/certbot": ["CERTBOT_EMAIL", "CERTBOT_TIMEOUT", "CERTBOT_STAGING", "DNS_PROPAGATION_SECONDS"],
        "/var/secrets/notifications": [
            "DOCKER_SIGNAL_LABEL", "SLACK_TOKEN", "SLACK_CHANNEL", "SLACK_BOT_NAME", "SLACK_BOT_ICON",
        ],
    ]

    /// What the files say of any key, the first file first; it stands behind everything else.
    private(set) var fallbacks: [String: String] = [:]
    /// What they say of the keys that they are the place of; the app asked them before its environment.
    private var own: [String: String] = [:]
    private let environment: [String: String]

    init(environment: [String: String], files: any Files, _ problems: inout [String]) {
        self.environment = environment
        for (path, keys) in Self.files {
            let lines = Self.lines(of: path, files, &problems)
            fallbacks.merge(lines) { first, _ in first }
            own.merge(lines.filter { keys.contains($0.key) }) { $1 }
        }
    }

    /// A key that Landfall does not have: its own file, the environment, another file.
    func text(_ key: String) -> String? {
        [own[key], environment[key], fallbacks[key]].compactMap { $0?.trimmed }.first { !$0.isEmpty }
    }

    /// Lets the app's configuration take its place in Landfall's.
    /// - Returns: what differs from what the app would do; a sentence each.
    func take(over values: inout [String: String]) -> [String] {
        values.merge(own) { $1 }
        let classes = LegacyRecordClasses(self)
        guard !fallbacks.isEmpty || classes.areSet else { return [] }
        values.setIfEmpty("CERTBOT_EMAIL", values["CLOUDFLARE_EMAIL"])
        values.setIfEmpty("DNS_PROPAGATION_SECONDS", "30")
        if values["SLACK_TOKEN"] != nil { values.setIfEmpty("SLACK_CHANNEL", "general") }
        values.setIfEmpty("LANDFALL_LISTEN", listen)
        return classes.apply(to: &values) + schedule
    }

    private var listen: String? {
        let host = text("METRICS_HOST") ?? "0.0.0.0"
        return text("METRICS_PORT").map { host.contains(":") ? "[\(host)]:\($0)" : "\(host):\($0)" }
    }

    private var schedule: [String] {
        guard let start = text("IMMEDIATE_START"), flag(start) != true else { return [] }
        return ["IMMEDIATE_START=\(sanitized(start, limit: 20)): Landfall looks when it starts, all the same"]
    }

    /// As the app reads them: only lines that begin with a key, the first of each; all others are passed over.
    private static func lines(of path: String, _ files: any Files, _ problems: inout [String]) -> [String: String] {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try files.read(path, limit: 64 << 10, for: .run)
        } catch {
            if case .failed = error { problems.append(sanitized(error.description)) }
            return [:]
        }
        var values: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex else { continue }
            let value = line[line.index(after: equals)...].trimmed
            if !value.isEmpty { values[String(line[..<equals])] = values[String(line[..<equals])] ?? value }
        }
        return values
    }
}

extension [String: String] {
    fileprivate mutating func setIfEmpty(_ name: String, _ value: String?) {
        guard self[name].map(\.trimmed.isEmpty) ?? true, let value else { return }
        self[name] = value
    }
}
