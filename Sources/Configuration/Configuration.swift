package import Address
package import Certificates
package import DNS
package import Delivery
package import Discovery
package import Docker
package import Log
package import Model
package import Notices
package import Ports
package import Records

/// The checked configuration. Its values can be used as they are; no other module reads the environment.
package struct Configuration: Sendable {
    package struct Records: Sendable {
        package let isOn: Bool
        package let policy: RecordPolicy
        package let addressV4: AddressSource
        package let addressV6: AddressSource
    }

    package struct Cloudflare: Sendable {
        package let credentials: CloudflareCredentials
        package let url: String
    }

    package struct RFC2136: Sendable {
        package let peer: DNSPeer
        package let zones: [DomainName]
    }

    /// The internal view (split horizon).
    package struct Internal: Sendable {
        /// What serves it: `rfc2136`, `exec`, `cloudflare` or `lexicon:PROVIDER`.
        package let providers: Set<String>
        package let address: InternalAddress
        /// Whether no provider serves the public view.
        package let isAlone: Bool
    }

    /// A user's program that is a DNS provider.
    package struct Exec: Sendable {
        package let program: String
        /// Landfall's environment without Landfall's own variables.
        package let environment: [String: String]
    }

    package struct Certificates: Sendable {
        package let isOn: Bool
        package let email: String?
        package let server: String
        /// Nil: the published limits of the authority.
        package let limits: CertificateLimits?
        /// What the authority certifies at all; nil: by what `server` is.
        package let rules: CertificateRules?
        package let folder: String
        package let authenticator: CertbotAuthenticator
        /// The program: a path, or a name on the PATH.
        package let program: String
        package let options: CertbotOptions
        package let timeLimit: Duration
        package let propagationLimit: Duration
        /// Nil: the default for this machine.
        package let concurrency: Int?
    }

    package struct Signals: Sendable {
        package let isOn: Bool
        package let rules: SignalRules
        /// Certificates that services may get as secrets, though they are not theirs alone.
        package let secretPermissions: [SecretPermission]
        /// The endpoint that is checked for the served certificates; nil: only endpoints that labels name.
        package let probe: ProbeEndpoint?
    }

    package struct Notices: Sendable {
        package let slack: SlackNotifier.Destination?
        package let webhook: Secret?
        /// The key that signs its bodies.
        package let webhookSecret: Secret?
        package let ntfy: NtfyNotifier.Destination?
        package let discord: Secret?
        package let gotify: GotifyNotifier.Destination?
        package let telegram: TelegramNotifier.Destination?
        package let mail: MailNotifier.Destination?
        package let command: CommandNotifier.Program?
        package let heartbeat: Secret?
        /// By notifier, the lowest level that it gets.
        package let levels: [String: NoticeLevel]
    }

    package struct Schedule: Sendable {
        package let quiet: Duration
        package let maximumWait: Duration
        package let interval: Duration

        package init(quiet: Duration, maximumWait: Duration, interval: Duration) {
            (self.quiet, self.maximumWait, self.interval) = (quiet, maximumWait, interval)
        }
    }

    package struct Logging: Sendable {
        /// Nil: text on a terminal, JSON elsewhere.
        package let format: Logger.Format?
        package let level: Logger.Level
    }

    package let engine: EngineEndpoint
    /// For everything that is not asked directly, and for certbot.
    package let proxies: ProxyEnvironment
    package let discovery: DiscoveryRules
    package let records: Records
    package let cloudflare: Cloudflare?
    package let rfc2136: RFC2136?
    /// One for each provider that lexicon reaches.
    package let lexicon: [LexiconProvider.Settings]
    package let exec: Exec?
    /// Nil: all providers serve the public view.
    package let `internal`: Internal?
    /// Empty: the system's resolvers.
    package let resolvers: [DNSServer]
    package let certificates: Certificates
    package let signals: Signals
    package let notices: Notices
    package let schedule: Schedule
    package let logging: Logging
    package let listen: ListenPlace
    /// The names under which the status page is served, besides addresses and `localhost`.
    package let listenHosts: [String]
    package let instance: String
    package let stateFolder: String
    package let isDryRun: Bool
    package let authorities: String?
    /// The folder that everything is recorded to; nil: none.
    package let recordFolder: String?
    /// The configured values by variable, with placeholders for secrets, as `init(recorded:)` reads them.
    package let recordable: [String: String]
    /// What no recording may contain: secret variables, logins for proxies, and what looks like a secret in the environment of a
    /// user's program.
    package let secrets: [HiddenValue]
    package let proxyLogins: [HiddenValue]
    package let programSecrets: [HiddenValue]
    /// Questionable values that do not stop Landfall, a sentence each.
    package let warnings: [String]
}
