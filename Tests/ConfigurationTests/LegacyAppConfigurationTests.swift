import DNS
import Discovery
import Model
import Ports
import Records
import Testing

@testable import Configuration

/// What the Python app was configured with runs unchanged, and does no more than it did.
@Suite struct LegacyAppConfigurationTests {
    private static let files = [
        "/var/secrets/app.config": """
        SCHEDULER_CLASS=scheduler.repeat_docker.DockerAwareScheduler
        DISCOVERY_CLASS=discovery.docker_labels.DockerLabelsDiscovery
        DNS_MANAGER_CLASS=dns_manager.cloudflare_dns.CloudflareDNSManager
        SSL_MANAGER_CLASS=ssl_manager.certbot_cf_ssl.CertbotCloudflareSSLManager
        NOTIFICATION_MANAGER_CLASS=notifications.slack_message.SlackNotificationManager, \
        notifications.docker_signal.DockerSignalNotification
        DEFAULT_DOMAIN=example.org
        IMMEDIATE_START=yes
        METRICS_PORT=9421
        a line of nobody's
        """,
        "/var/secrets/discovery": "DOCKER_DISCOVERY_LABEL=discovery.domain.name,my.host\n",
        "/var/secrets/cloudflare": "CLOUDFLARE_EMAIL=me@example.org\nCLOUDFLARE_TOKEN=0123456789\n",
        "/var/secrets/certbot": "CERTBOT_TIMEOUT=45\nCERTBOT_STAGING=yes\n",
        "/var/secrets/notifications":
            "SLACK_TOKEN=xoxb-0123456789\nSLACK_BOT_NAME=bot\nDOCKER_SIGNAL_LABEL=domain.automation.signal\n",
    ]

    private func read(_ environment: [String: String] = [:], changes: [String: String] = [:]) throws -> Configuration {
        let files = MemoryFiles(contents: Self.files.merging(changes) { $1 })
        return try Configuration(environment: environment, files: files)
    }

    /// `app.config` with nothing but these lines.
    private func switched(_ lines: String..., environment: [String: String] = [:]) throws -> Configuration {
        try read(environment, changes: ["/var/secrets/app.config": lines.joined(separator: "\n")])
    }

    private static let adopting =
        "with the app's configuration records that were made by hand are changed where a label names them, as with the "
        + "app; LANDFALL_DNS_ADOPT=no changes that"
    private static let qualifying =
        "with the app's configuration names that lie in none of your zones are placed below DEFAULT_DOMAIN, as with the "
        + "app; LANDFALL_QUALIFY=short changes that"

    @Test func `the app's files alone are a configuration that does what the app did, and says so`() throws {
        let configuration = try read()
        #expect(configuration.warnings == [Self.adopting, Self.qualifying])
        #expect(configuration.records.policy.adopts && configuration.discovery.qualification == .dotted)
        #expect(configuration.records.isOn && configuration.certificates.isOn && configuration.signals.isOn)
        #expect(configuration.discovery.defaultDomain?.text == "example.org")
        #expect(configuration.discovery.hostLabels == ["landfall.host", "discovery.domain.name", "my.host"])
        guard case .globalKey(email: let email, key: let key)? = configuration.cloudflare?.credentials else {
            Issue.record("no global key was read")
            return
        }
        #expect(email == "me@example.org" && key.revealed == "0123456789")
        #expect(configuration.certificates.email == "me@example.org")
        #expect(configuration.certificates.timeLimit == .seconds(45))
        #expect(configuration.certificates.propagationLimit == .seconds(30))
        #expect(configuration.certificates.server.contains("staging"))
        #expect(configuration.recordable["SLACK_CHANNEL"] == "general")
        #expect(configuration.recordable["SLACK_TOKEN"] == "redacted-SLACK_TOKEN")
    }

    @Test func `a key's own file has priority over the environment, and that over other files`() throws {
        let environment = ["DEFAULT_DOMAIN": "example.net", "CERTBOT_EMAIL": "env@example.org"]
        let moved = ["/var/secrets/app.config": "CERTBOT_EMAIL=app@example.org\nDEFAULT_DOMAIN=example.org"]
        let configuration = try read(environment, changes: moved)
        #expect(configuration.discovery.defaultDomain?.text == "example.org")
        #expect(configuration.certificates.email == "env@example.org")
        #expect(try read(changes: moved).certificates.email == "app@example.org")
    }

    @Test func `the metrics' address becomes that of the status page`() throws {
        func listens(_ environment: [String: String]) throws -> String? {
            try RawConfiguration(environment: environment, files: MemoryFiles()).value("LANDFALL_LISTEN")
        }
        let classes = ["DISCOVERY_CLASS": "discovery.docker_labels.DockerLabelsDiscovery", "METRICS_PORT": "9421"]
        #expect(try listens(classes) == "0.0.0.0:9421")
        #expect(try listens(classes.merging(["METRICS_HOST": "::1"]) { $1 }) == "[::1]:9421")
    }

    @Test func `a part without a class, or with one that does nothing, is switched off`() throws {
        let configuration = try switched(
            "DISCOVERY_CLASS=discovery.docker_labels.DockerLabelsDiscovery",
            "SCHEDULER_CLASS=scheduler.repeat.FiveMinutesScheduler",
            "DNS_MANAGER_CLASS=dns_manager.noop.NoopDNSManager"
        )
        #expect(!configuration.records.isOn && !configuration.certificates.isOn && !configuration.signals.isOn)
        #expect(configuration.notices.slack == nil)
        #expect(
            configuration.warnings == [
                "DNS_MANAGER_CLASS names NoopDNSManager, not CloudflareDNSManager: no records are written, as with the "
                    + "app; LANDFALL_DNS=on changes that",
                "SSL_MANAGER_CLASS is not set, though other classes are: no certificates are ordered, as with the "
                    + "app; LANDFALL_CERTIFICATES=on changes that",
                "NOTIFICATION_MANAGER_CLASS is not set, though other classes are: no container is signalled, as with the "
                    + "app; LANDFALL_SIGNALS=on changes that",
                "NOTIFICATION_MANAGER_CLASS does not name SlackNotificationManager, so Slack gets no notices",
            ]
        )
    }

    @Test func `without discovery everything is off, and a single run is mentioned`() throws {
        let configuration = try switched("DNS_MANAGER_CLASS=dns_manager.cloudflare_dns.CloudflareDNSManager")
        #expect(!configuration.records.isOn && !configuration.certificates.isOn && !configuration.signals.isOn)
        #expect(configuration.warnings.contains { $0.contains("`landfall once`") })
    }

    @Test func `Landfall's own switches have priority over the classes`() throws {
        let own = ["LANDFALL_DNS": "on", "LANDFALL_CERTIFICATES": "on", "LANDFALL_SIGNALS": "on"]
        let configuration = try switched("DNS_MANAGER_CLASS=dns_manager.noop.NoopDNSManager", environment: own)
        #expect(configuration.records.isOn && configuration.certificates.isOn && configuration.signals.isOn)
    }

    @Test func `without the app's files nothing of it applies`() throws {
        let configuration = try Configuration(environment: ["METRICS_PORT": "1"], files: MemoryFiles())
        #expect(configuration.warnings.isEmpty && configuration.recordable.isEmpty)
    }
}
