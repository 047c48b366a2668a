import Model

/// The `…_CLASS` keys of the original: which class did each part of its work. A part without one, or with a `Noop…`, did
/// nothing; so nobody's file begins to write DNS because another program reads it.
struct LegacyRecordClasses {
    /// What a part of the app is here.
    private struct Part {
        let key: String
        /// The class of the app's that Landfall stands in for.
        let known: String
        let switches: [String]
        /// What does not happen without it.
        let loss: String
    }

    private static let parts = [
        Part(
            key: "DISCOVERY_CLASS",
            known: "DockerLabelsDiscovery",
            switches: ["LANDFALL_DNS", "LANDFALL_CERTIFICATES", "LANDFALL_SIGNALS"],
            loss: "no label is acted upon"
        ),
        Part(
            key: "DNS_MANAGER_CLASS",
            known: "CloudflareDNSManager",
            switches: ["LANDFALL_DNS"],
            loss: "no records are written"
        ),
        Part(
            key: "SSL_MANAGER_CLASS",
            known: "CertbotCloudflareSSLManager",
            switches: ["LANDFALL_CERTIFICATES"],
            loss: "no certificates are ordered"
        ),
        Part(
            key: "NOTIFICATION_MANAGER_CLASS",
            known: "DockerSignalNotification",
            switches: ["LANDFALL_SIGNALS"],
            loss: "no container is signalled"
        ),
    ]

    /// By key: the names of the classes, without their modules.
    private let classes: [String: [String]]

    init(_ original: LegacyAppConfiguration) {
        let keys = Self.parts.map(\.key) + ["SCHEDULER_CLASS"]
        classes = keys.reduce(into: [:]) { classes, key in
            classes[key] = original.text(key)?.split(separator: ",").map(\.trimmed).map { name in
                name.split(separator: ".").last.map(String.init) ?? name
            }
        }
    }

    var areSet: Bool { !classes.isEmpty }

    /// Switches off what the app would not have done, unless Landfall's own switch says otherwise.
    /// - Returns: a sentence for each.
    func apply(to values: inout [String: String]) -> [String] {
        guard areSet else { return [] }
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
            sentences.append("NOTIFICATION_MANAGER_CLASS does not name SlackNotificationManager, so Slack is not told")
        }
        if let schedule { sentences.append(schedule) }
        return sentences
    }

    private func sentence(_ part: Part, _ switches: [String]) -> String {
        let found =
            classes[part.key].map { "names \(sanitized($0.joined(separator: ", "), limit: 100)), not \(part.known)" }
            ?? "is not set, though other classes are"
        return "\(part.key) \(found): \(part.loss), as with the original; "
            + switches.map { "\($0)=on" }.joined(separator: " and ") + " changes that"
    }

    private var schedule: String? {
        let repeats = ["FiveMinutesScheduler", "DockerAwareScheduler"]
        guard classes["SCHEDULER_CLASS"]?.contains(where: repeats.contains) != true else { return nil }
        return "SCHEDULER_CLASS asks for one run, after which the original ended; `landfall once` does that, "
            + "and `landfall run` goes on"
    }
}
