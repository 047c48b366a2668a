/// Every field that a log line may have; `deploy/examples/efk/index-template.json` has them all.
/// Fields of the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html) have its
/// names. All others are below `landfall`: Elasticsearch drops lines whose fields collide with objects of the schema.
package enum LogField: String, CaseIterable, Sendable {
    case timestamp = "@timestamp"
    case level = "log.level"
    case message
    case ecsVersion = "ecs.version"
    case serviceName = "service.name"
    case serviceVersion = "service.version"
    case dataset = "event.dataset"
    case action = "event.action"
    case reason = "event.reason"
    /// `success` or `failure`.
    case outcome = "event.outcome"
    case duration = "event.duration"
    /// Set for errors only.
    case error = "error.message"
    case file = "file.path"
    case dnsName = "dns.question.name"

    case address = "landfall.address"
    case addressService = "landfall.address_service"
    case apiVersion = "landfall.api_version"
    case certificate = "landfall.certificate"
    case certificates = "landfall.certificates"
    case changed = "landfall.changed"
    case changes = "landfall.changes"
    case code = "landfall.code"
    case confirmedAddress = "landfall.confirmed_address"
    case container = "landfall.container"
    case count = "landfall.count"
    case detail = "landfall.detail"
    case disconnected = "landfall.disconnected"
    case dns = "landfall.dns"
    case docker = "landfall.docker"
    case dryRun = "landfall.dry_run"
    case engine = "landfall.engine"
    case failed = "landfall.failed"
    case failures = "landfall.failures"
    case group = "landfall.group"
    case hosts = "landfall.hosts"
    case image = "landfall.image"
    case listen = "landfall.listen"
    case notice = "landfall.notice"
    case notifier = "landfall.notifier"
    /// `unchanged`, `changed`, `refused` or `failed`.
    case result = "landfall.result"
    case reach = "landfall.reach"
    case records = "landfall.records"
    case requests = "landfall.requests"
    case retryIn = "landfall.retry_in"
    case signal = "landfall.signal"
    case stage = "landfall.stage"
    case subject = "landfall.subject"
    case triggers = "landfall.triggers"
    case waited = "landfall.waited"

    /// The type of its values.
    package enum Kind: Sendable {
        /// A word or a name, or several.
        case keyword
        /// A sentence, or several.
        case text
        case integer
        /// In nanoseconds.
        case duration
        case boolean
        case date
    }

    package var kind: Kind {
        switch self {
        case .timestamp: .date
        case .message, .error, .detail, .notice, .changes, .failures, .requests: .text
        case .certificates, .changed, .failed, .hosts, .triggers, .count: .integer
        case .duration, .disconnected, .retryIn, .waited: .duration
        case .dryRun: .boolean
        default: .keyword
        }
    }

    /// The name in a line for people.
    var shortName: String {
        rawValue.hasPrefix("landfall.") ? String(rawValue.dropFirst("landfall.".count)) : rawValue
    }
}

/// The value of a log field.
package enum LogValue: Sendable, Hashable, ExpressibleByStringInterpolation {
    case string(String)
    case strings([String])
    case int(Int)
    case duration(Duration)
    case bool(Bool)

    package init(stringLiteral value: String) { self = .string(value) }

    func fits(_ kind: LogField.Kind) -> Bool {
        switch (self, kind) {
        case (.string, .keyword), (.string, .text), (.string, .date), (.strings, .keyword), (.strings, .text): true
        case (.int, .integer), (.duration, .duration), (.bool, .boolean): true
        default: false
        }
    }
}
