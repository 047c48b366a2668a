import Model
import Ports

/// The configuration of the Python app that Landfall replaces: key=value files under `/var/secrets`, and keys that have other
/// names in Landfall. See docs/migrating.md.
struct LegacyAppConfiguration {
    /// The app's files, with the keys that belong in each.
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

    /// Any key in any file, with the lowest priority; the first file wins.
    private(set) var fallbacks: [String: String] = [:]
    /// The keys that belong in their file; for the app they had priority over its environment.
    private var own: [String: String] = [:]
    private let environment: [String: String]

    init(environment: [String: String], files: any Files, _ problems: inout [String]) {
        self.environment = environment
        for (path, keys) in Self.files {
            let lines = Self.lines(of: path, files, &problems)
            problems += Variable.problems(with: lines, in: path)
            fallbacks.merge(lines) { first, _ in first }
            own.merge(lines.filter { keys.contains($0.key) }) { $1 }
        }
    }

    /// The value of a key that Landfall does not have: from its own file, the environment, or another file.
    func text(_ key: String) -> String? {
        [own[key], environment[key], fallbacks[key]].compactMap { $0?.trimmed }.first { !$0.isEmpty }
    }

    /// Whether the app took this value in the environment for none: an empty one of its own keys. Landfall's are errors.
    func countsAsUnset(_ key: String, _ value: String) -> Bool {
        value.trimmed.isEmpty && isUsed && Self.files.contains { $0.value.contains(key) }
    }

    private var isUsed: Bool { !fallbacks.isEmpty || LegacyClasses(self).isSet }

    /// Adds the app's configuration to Landfall's. Returns what Landfall does differently from the app, a sentence each.
    func apply(to values: inout [String: String]) -> [String] {
        values.merge(own) { $1 }
        guard isUsed else { return [] }
        values.setIfEmpty("CERTBOT_EMAIL", values["CLOUDFLARE_EMAIL"])
        values.setIfEmpty("DNS_PROPAGATION_SECONDS", "30")
        if values["SLACK_TOKEN"] != nil { values.setIfEmpty("SLACK_CHANNEL", "general") }
        values.setIfEmpty("LANDFALL_LISTEN", listen)
        return LegacyClasses(self).apply(to: &values) + schedule
    }

    private var listen: String? {
        let host = text("METRICS_HOST") ?? "0.0.0.0"
        return text("METRICS_PORT").map { host.contains(":") ? "[\(host)]:\($0)" : "\(host):\($0)" }
    }

    private var schedule: [String] {
        guard let start = text("IMMEDIATE_START"), flag(start) != true else { return [] }
        return ["IMMEDIATE_START=\(sanitized(start, limit: 20)): Landfall runs at start-up all the same"]
    }

    /// Reads a file as the app does: lines that begin with a key, the first of each; all others are ignored.
    private static func lines(of path: String, _ files: any Files, _ problems: inout [String]) -> [String: String] {
        RawConfiguration.lines(of: path, files, &problems).reduce(into: [:]) { values, line in
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex else { return }
            let (key, value) = (String(line[..<equals]), line[line.index(after: equals)...].trimmed)
            if !value.isEmpty, values[key] == nil { values[key] = value }
        }
    }
}

extension [String: String] {
    fileprivate mutating func setIfEmpty(_ name: String, _ value: String?) {
        guard self[name].map(\.trimmed.isEmpty) ?? true, let value else { return }
        self[name] = value
    }
}

/// The `…_CLASS` keys of the app. A part without a class, or with a `Noop…` class, did nothing; nor does Landfall.
struct LegacyClasses {
    /// A part of the app: its key, the class that Landfall replaces, its switches in Landfall, and what does not happen
    /// without the class.
    private typealias Part = (key: String, known: String, switches: [String], loss: String)

    private static let parts: [Part] = [
        ("DISCOVERY_CLASS", "DockerLabelsDiscovery", everySwitch, "labels have no effect"),
        ("DNS_MANAGER_CLASS", "CloudflareDNSManager", ["LANDFALL_DNS"], "no records are written"),
        ("SSL_MANAGER_CLASS", "CertbotCloudflareSSLManager", ["LANDFALL_CERTIFICATES"], "no certificates are ordered"),
        ("NOTIFICATION_MANAGER_CLASS", "DockerSignalNotification", ["LANDFALL_SIGNALS"], "no container is signalled"),
    ]

    private static let everySwitch = ["LANDFALL_DNS", "LANDFALL_CERTIFICATES", "LANDFALL_SIGNALS"]

    /// By key: the names of the classes, without their modules.
    private let classes: [String: [String]]

    init(_ legacy: LegacyAppConfiguration) {
        let keys = Self.parts.map(\.key) + ["SCHEDULER_CLASS"]
        classes = keys.reduce(into: [:]) { classes, key in
            classes[key] = legacy.text(key)?.split(separator: ",").map(\.trimmed).map { name in
                name.split(separator: ".").last.map(String.init) ?? name
            }
        }
    }

    var isSet: Bool { !classes.isEmpty }

    /// Switches off what the app did not do, unless Landfall's own switch is set. Returns a sentence for each.
    func apply(to values: inout [String: String]) -> [String] {
        guard isSet else { return [] }
        var sentences: [String] = []
        let given = values
        for part in Self.parts where classes[part.key]?.contains(part.known) != true {
            let switches = part.switches.filter { given[$0] == nil }
            for name in switches { values[name] = "off" }
            if !switches.isEmpty { sentences.append(sentence(part, switches)) }
        }
        if classes["NOTIFICATION_MANAGER_CLASS"]?.contains("SlackNotificationManager") != true,
            values.removeValue(forKey: "SLACK_TOKEN") != nil
        {
            values["SLACK_CHANNEL"] = nil
            sentences.append(
                "NOTIFICATION_MANAGER_CLASS does not name SlackNotificationManager, so Slack gets no notices"
            )
        }
        if let schedule { sentences.append(schedule) }
        return sentences + keepHabits(in: &values)
    }

    /// Switches on what the app did and Landfall does only when it is told to, unless its own switch is set. Returns a
    /// sentence for each.
    private func keepHabits(in values: inout [String: String]) -> [String] {
        let habits: [(variable: String, value: String, isOfUse: Bool, effect: String, other: String)] = [
            (
                "LANDFALL_DNS_ADOPT", "yes", values["LANDFALL_DNS"] != "off",
                "records that were made by hand are changed where a label names them", "no"
            ),
            (
                "LANDFALL_QUALIFY", "dotted", values["DEFAULT_DOMAIN"] != nil,
                "names that lie in none of your zones are placed below DEFAULT_DOMAIN", "short"
            ),
        ]
        return habits.filter { $0.isOfUse && values[$0.variable] == nil }.map { habit in
            values[habit.variable] = habit.value
            return "with the app's configuration \(habit.effect), as with the app; "
                + "\(habit.variable)=\(habit.other) changes that"
        }
    }

    private func sentence(_ part: Part, _ switches: [String]) -> String {
        let found =
            classes[part.key].map { "names \(sanitized($0.joined(separator: ", "), limit: 100)), not \(part.known)" }
            ?? "is not set, though other classes are"
        return "\(part.key) \(found): \(part.loss), as with the app; "
            + switches.map { "\($0)=on" }.joined(separator: " and ") + " changes that"
    }

    private var schedule: String? {
        let repeats = ["FiveMinutesScheduler", "DockerAwareScheduler"]
        guard classes["SCHEDULER_CLASS"]?.contains(where: repeats.contains) != true else { return nil }
        return "SCHEDULER_CLASS asks for a single run, after which the app ended; `landfall once` does that, "
            + "but `landfall run` goes on"
    }
}
