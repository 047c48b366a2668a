import Address
import Certificates
import Configuration
import DNS
import Discovery
import Docker
import EventStream
import Glibc
import Log
import Model
import Notices
import Pipeline
import Ports
import Records
import Signals
import State

/// Configuration → the parts of a Landfall, put together once.
struct Wiring: Sendable {
    /// Ways to the outside: real ones, or those of a dry run, which only look.
    struct Ports: Sendable {
        let transport: any HTTPTransport
        let files: any Files
        let keys: any KeyFiles
        let locks: any RecordLocks
        let processes: any ProcessRunner
        let resolver: any DNSResolver
        let interfaces: any Interfaces
        let updater: any DNSUpdater
        let probe: any TLSProbe
        let store: StateStore
        let clock: any Clock
        let randomness: any Randomness
        /// The path of the program that certbot calls back.
        let program: String
    }

    let events: EventStream
    let desk: DNS01Solver
    let pipeline: Pipeline
    let clock: any Clock

    /// - Parameters:
    ///   - tellsLog: whether the log is told what people are told; a command says it on its own.
    ///   - onConnection: is told how it stands with the engine; it must not block.
    ///   - onDelivery: is told of every try to deliver a notice; it must not block.
    init(
        _ configuration: Configuration,
        ports: Ports,
        log: Logger,
        tellsLog: Bool,
        onConnection: @escaping @Sendable (ConnectionChange) -> Void = { _ in },
        onDelivery: @escaping @Sendable (NoticeResult) -> Void = { _ in }
    ) {
        let engine = EngineClient(configuration.engine, transport: ports.transport)
        clock = ports.clock
        let recursive = configuration.resolvers.isEmpty ? SystemResolvers.read(ports.files) : configuration.resolvers
        desk = Self.desk(configuration, ports, recursive, log)
        events = EventStream(
            engine: EngineClient(configuration.engine, transport: ports.transport, scope: .events),
            hostLabels: configuration.discovery.hostLabels,
            state: ports.store,
            clock: ports.clock,
            randomness: ports.randomness,
            log: log,
            onChange: onConnection
        )
        pipeline = Pipeline(
            discovery: Discovery(
                engine: engine,
                rules: configuration.discovery,
                state: ports.store,
                clock: ports.clock
            ),
            address: AddressStage(
                v4: configuration.records.addressV4,
                v6: configuration.records.addressV6,
                transport: ports.transport,
                interfaces: ports.interfaces,
                state: ports.store,
                clock: ports.clock,
                log: log
            ),
            providers: Self.providers(configuration, ports),
            allowedZones: configuration.discovery.allowedZones,
            defaultDomain: configuration.discovery.defaultDomain,
            records: RecordStage(
                policy: configuration.records.policy,
                book: OwnedRecordStore(state: ports.store, clock: ports.clock)
            ),
            certificates: Self.certificates(configuration, ports, desk, recursive, log),
            signals: SignalStage(
                engine: engine,
                rules: configuration.signals.rules,
                state: ports.store,
                image: HelperImage(named: configuration.signals.rules.helperImage, files: ports.files),
                clock: ports.clock,
                randomness: ports.randomness,
                log: log
            ),
            secrets: SecretStage(
                engine: engine,
                instance: configuration.instance,
                state: ports.store,
                log: log
            ),
            serving: ServingStage(
                probe: ports.probe,
                defaultEndpoint: configuration.signals.probe,
                state: ports.store,
                clock: ports.clock
            ) { try? CertificateFile(pem: $0).fingerprint },
            notices: Self.notices(configuration, ports, log, tellsLog: tellsLog, onDelivery: onDelivery),
            state: ports.store,
            switches: Pipeline.Switches(
                records: configuration.records.isOn,
                certificates: configuration.certificates.isOn,
                signals: configuration.signals.areOn,
                isDryRun: configuration.isDryRun
            ),
            clock: ports.clock
        )
    }
}

extension Wiring {
    /// A provider is one line here; it is on when its credentials are there.
    private static func providers(_ configuration: Configuration, _ ports: Ports) -> [any DNSProvider] {
        let providers: [(any DNSProvider)?] = [
            configuration.cloudflareProvider(ports.transport, ports.clock),
            configuration.rfc2136Provider(ports.updater),
            configuration.execProvider(ports.processes),
        ]
        return providers.compactMap { $0 }
    }

    private static func desk(
        _ configuration: Configuration,
        _ ports: Ports,
        _ recursive: [DNSServer],
        _ log: Logger
    ) -> DNS01Solver {
        DNS01Solver(
            propagation: Propagation(
                resolver: ports.resolver,
                recursive: recursive,
                clock: ports.clock
            ),
            limit: configuration.certificates.propagationLimit,
            state: ports.store,
            clock: ports.clock,
            randomness: ports.randomness,
            log: log
        )
    }

    private static func certificates(
        _ configuration: Configuration,
        _ ports: Ports,
        _ desk: DNS01Solver,
        _ recursive: [DNSServer],
        _ log: Logger
    ) -> CertificateStage {
        CertificateStage(
            settings: certbot(configuration, program: ports.program),
            files: ports.files,
            processes: ports.processes,
            locks: ports.locks,
            keys: ports.keys,
            transport: ports.transport,
            look: WildcardProbe(resolver: ports.resolver, recursive: recursive),
            state: ports.store,
            desk: desk,
            clock: ports.clock,
            log: log
        )
    }

    private static func certbot(_ configuration: Configuration, program: String) -> CertbotSettings {
        var settings = CertbotSettings(
            stateDirectory: configuration.stateFolder,
            hookProgram: program,
            socket: StatePaths(folder: configuration.stateFolder).socket
        )
        settings.program = configuration.certificates.program
        settings.options = configuration.certificates.options
        settings.configDirectory = configuration.certificates.folder
        settings.server = configuration.certificates.server
        settings.limits = configuration.certificates.limits
        settings.email = configuration.certificates.email
        settings.authorities = configuration.authorities
        settings.timeLimit = configuration.certificates.timeLimit
        settings.authenticator = configuration.certificates.authenticator
        settings.concurrency =
            configuration.certificates.concurrency ?? usualConcurrency
        settings.propagationLimit = configuration.certificates.propagationLimit
        settings.environment = configuration.certificates.proxies
        return settings
    }

    /// certbot sleeps for two of its three seconds, so two cores do ten at once in half the time of four at once. Each takes
    /// 50 MB meanwhile, and together they shall not have more than a quarter of the memory.
    static var usualConcurrency: Int {
        let wanted = min(16, max(10, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return max(4, min(wanted, memory / 4 / (50 << 20)))
    }
}

extension Configuration {
    func cloudflareProvider(_ transport: any HTTPTransport, _ clock: any Clock) -> CloudflareProvider? {
        cloudflare.map {
            CloudflareProvider($0.credentials, url: $0.url, transport: transport, clock: clock)
        }
    }

    func rfc2136Provider(_ updater: any DNSUpdater) -> RFC2136Provider? {
        rfc2136.map { RFC2136Provider($0.peer, zones: $0.zones, updater: updater) }
    }

    /// Who serves zones.
    var providerNames: [String] {
        [cloudflare.map { _ in "Cloudflare" }, rfc2136.map { _ in "RFC 2136" }, exec.map { _ in "a program" }]
            .compactMap(\.self)
    }

    func execProvider(_ processes: any ProcessRunner) -> ExecProvider? {
        exec.map { ExecProvider($0.program, environment: $0.environment, processes: processes) }
    }
}
