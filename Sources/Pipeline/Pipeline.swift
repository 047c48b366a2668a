public import Address
public import Certificates
public import DNS
public import Discovery
public import Model
public import Notices
public import Ports
public import Records
public import Signals
public import State

/// The stages of one run, in their order. Every step compares two states, so a run may be repeated, interrupted and resumed.
public struct Pipeline: Sendable {
    public let discovery: Discovery
    public let address: AddressStage
    public let providers: [any DNSProvider]
    /// Nil: every zone that the providers see may be touched.
    public let allowedZones: [DomainName]?
    /// What a name that lies in no zone is placed below.
    public let defaultDomain: DomainName?
    public let records: RecordStage
    public let certificates: CertificateStage
    public let signals: SignalStage
    public let secrets: SecretStage
    public let serving: ServingStage
    public let notices: NoticeStage
    public let state: StateStore
    public let switches: Switches
    public let clock: any Clock
    let memory = RunMemory()

    /// Which stages may write. What is off is not even read.
    public struct Switches: Sendable {
        public let records: Bool
        public let certificates: Bool
        public let signals: Bool
        /// Everything is read and decided, nothing is done.
        public let isDryRun: Bool

        public init(records: Bool, certificates: Bool, signals: Bool, isDryRun: Bool) {
            (self.records, self.certificates, self.signals) = (records, certificates, signals)
            self.isDryRun = isDryRun
        }
    }

    public init(
        discovery: Discovery,
        address: AddressStage,
        providers: [any DNSProvider],
        allowedZones: [DomainName]?,
        defaultDomain: DomainName? = nil,
        records: RecordStage,
        certificates: CertificateStage,
        signals: SignalStage,
        secrets: SecretStage,
        serving: ServingStage,
        notices: NoticeStage,
        state: StateStore,
        switches: Switches,
        clock: any Clock
    ) {
        self.discovery = discovery
        self.address = address
        self.providers = providers
        self.allowedZones = allowedZones
        self.defaultDomain = defaultDomain
        self.records = records
        self.certificates = certificates
        self.signals = signals
        self.secrets = secrets
        self.serving = serving
        self.notices = notices
        self.state = state
        self.switches = switches
        self.clock = clock
    }
}

extension Pipeline {
    /// What is used up by now of the requests that the providers take.
    public var budgets: [RequestBudget] { providers.compactMap(\.budget) }
}
