public import Address
public import DNS
public import Docker
public import Log
public import Model

/// The checked configuration. What is in it can be used as it is; no other room reads the environment.
public struct Configuration: Sendable {
    public struct Discovery: Sendable {
        public let defaultDomain: DomainName?
        public let hostLabels: [String]
        public let signalLabels: [String]
    }

    public struct Records: Sendable {
        public enum Policy: String, Sendable { case upsert, create }

        public let isOn: Bool
        public let policy: Policy
        public let proxied: Bool
        public let allowedZones: [DomainName]?
        public let address: AddressSource
    }

    public struct Cloudflare: Sendable {
        public let credentials: CloudflareCredentials
        public let url: String
    }

    public struct Certificates: Sendable {
        public enum Authenticator: String, Sendable { case landfall, cloudflare = "dns-cloudflare" }

        public let isOn: Bool
        public let email: String?
        public let server: String
        public let folder: String
        public let authenticator: Authenticator
        public let timeLimit: Duration
        public let propagationLimit: Duration
        /// Nil: as many as there are cores, at least four.
        public let concurrency: Int?
    }

    public struct Notices: Sendable {
        public enum Slack: Sendable {
            case bot(token: Secret, channel: String, name: String, icon: String?, url: String)
            case webhook(Secret)
        }

        public let slack: Slack?
        public let webhook: Secret?
    }

    public struct Schedule: Sendable {
        public let quiet: Duration
        public let maximumWait: Duration
        public let interval: Duration
    }

    public struct Logging: Sendable {
        /// Nil: text on a terminal, JSON elsewhere.
        public let format: Logger.Format?
        public let level: Logger.Level
    }

    public let engine: EngineEndpoint
    public let discovery: Discovery
    public let records: Records
    public let cloudflare: Cloudflare?
    /// Empty: the system's.
    public let resolvers: [DNSServer]
    public let certificates: Certificates
    public let signalsAreOn: Bool
    public let notices: Notices
    public let schedule: Schedule
    public let logging: Logging
    public let instance: String
    public let stateFolder: String
    public let isDryRun: Bool
    public let authorities: String?
    /// What is odd, but does not stop anything; a sentence each.
    public let warnings: [String]
}
