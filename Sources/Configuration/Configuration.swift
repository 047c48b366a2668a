public import Address
public import Certificates
public import DNS
public import Discovery
public import Docker
public import Log
public import Model
public import Notices
public import Ports
public import Records
public import Signals

/// The checked configuration. Its values can be used as they are; no other module reads the environment.
public struct Configuration: Sendable {
    public struct Records: Sendable {
        public let isOn: Bool
        public let policy: RecordPolicy
        public let addressV4: AddressSource
        public let addressV6: AddressSource
    }

    public struct Cloudflare: Sendable {
        public let credentials: CloudflareCredentials
        public let url: String
    }

    public struct RFC2136: Sendable {
        public let peer: DNSPeer
        public let zones: [DomainName]
    }

    /// A user's program that is a DNS provider.
    public struct Exec: Sendable {
        public let program: String
        /// Landfall's environment without Landfall's own variables.
        public let environment: [String: String]
    }

    public struct Certificates: Sendable {
        public let isOn: Bool
        public let email: String?
        public let server: String
        /// Nil: the published limits of the authority.
        public let limits: CertificateLimits?
        public let folder: String
        public let authenticator: CertbotAuthenticator
        /// The program: a path, or a name on the PATH.
        public let program: String
        public let options: CertbotOptions
        public let timeLimit: Duration
        public let propagationLimit: Duration
        /// Nil: the default for this machine.
        public let concurrency: Int?
        /// The environment's HTTP proxy settings. libcurl reads them itself; certbot gets them.
        public let proxies: [String: String]
    }

    public struct Signals: Sendable {
        public let isOn: Bool
        public let rules: SignalRules
        /// The endpoint that is checked for the served certificates; nil: only endpoints that labels name.
        public let probe: ProbeEndpoint?
    }

    public struct Notices: Sendable {
        public let slack: SlackNotifier.Destination?
        public let webhook: Secret?
        /// The key that signs its bodies.
        public let webhookSecret: Secret?
        public let ntfy: NtfyNotifier.Destination?
        public let discord: Secret?
        public let gotify: GotifyNotifier.Destination?
        public let command: CommandNotifier.Program?
        public let heartbeat: Secret?
        /// By notifier, the lowest level that it gets.
        public let levels: [String: NoticeLevel]
    }

    public struct Schedule: Sendable {
        public let quiet: Duration
        public let maximumWait: Duration
        public let interval: Duration

        public init(quiet: Duration, maximumWait: Duration, interval: Duration) {
            (self.quiet, self.maximumWait, self.interval) = (quiet, maximumWait, interval)
        }
    }

    public struct Logging: Sendable {
        /// Nil: text on a terminal, JSON elsewhere.
        public let format: Logger.Format?
        public let level: Logger.Level
    }

    public let engine: EngineEndpoint
    public let discovery: DiscoveryRules
    public let records: Records
    public let cloudflare: Cloudflare?
    public let rfc2136: RFC2136?
    public let exec: Exec?
    /// Empty: the system's resolvers.
    public let resolvers: [DNSServer]
    public let certificates: Certificates
    public let signals: Signals
    public let notices: Notices
    public let schedule: Schedule
    public let logging: Logging
    public let listen: ListenPlace
    public let instance: String
    public let stateFolder: String
    public let isDryRun: Bool
    public let authorities: String?
    /// The folder that everything is recorded to; nil: none.
    public let recordFolder: String?
    /// The configured values by variable, with placeholders for secrets. It can be recorded, and read again with
    /// `init(recorded:)`.
    public let recordable: [String: String]
    /// What no recording may contain: secret variables, logins for proxies, and what looks like a secret in the environment of a
    /// user's program.
    public let secrets: [HiddenValue]
    public let proxyLogins: [HiddenValue]
    public let programSecrets: [HiddenValue]
    /// Questionable values that do not stop Landfall, a sentence each.
    public let warnings: [String]
}
