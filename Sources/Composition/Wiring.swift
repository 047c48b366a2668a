import Address
package import Certificates
import Crypto
package import Configuration
import DNS
import Discovery
import Docker
package import EventStream
import Files
import Glibc
package import Log
import Model
package import Notices
package import Pipeline
import Processes
import Records
import Signals
import State
import Timing
import Transport
package import Ports

/// The parts of Landfall, built from the configuration over one set of ports.
package struct Wiring: Sendable {
    package let events: EventStream
    package let solver: DNS01Solver
    package let pipeline: Pipeline
    package let clock: any Clock

    /// - Parameters:
    ///   - logsNotices: whether notices are written to the log as well; a command prints its result itself.
    ///   - onConnection: called when the connection to the engine changes; it must not block.
    ///   - onDelivery: called after every attempt to deliver a notice; it must not block.
    package init(
        _ configuration: Configuration,
        ports: Dependencies,
        log: Logger,
        logsNotices: Bool,
        onConnection: @escaping @Sendable (ConnectionChange) -> Void = { _ in },
        onDelivery: @escaping @Sendable (NoticeResult) -> Void = { _ in }
    ) {
        let engine = EngineClient(configuration.engine, transport: ports.transport)
        clock = ports.clock
        let recursive = configuration.resolvers.isEmpty ? SystemResolvers.read(ports.files) : configuration.resolvers
        solver = Self.solver(configuration, ports, recursive, log)
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
                store: OwnedRecordStore(state: ports.store, clock: ports.clock)
            ),
            certificates: Self.certificates(configuration, ports, solver, recursive, log),
            signals: SignalStage(
                engine: engine,
                rules: configuration.signals.rules,
                state: ports.store,
                image: HelperImage(named: configuration.signals.rules.helperImage, files: ports.files),
                clock: ports.clock,
                randomness: ports.randomness,
                log: log
            ),
            secrets: SecretStage(engine: engine, instance: configuration.instance, state: ports.store, log: log),
            serving: ServingStage(
                probe: ports.probe,
                defaultEndpoint: configuration.signals.probe,
                state: ports.store,
                clock: ports.clock
            ) { try? CertificateFile(pem: $0).fingerprint },
            notices: Self.notices(configuration, ports, log, logsNotices: logsNotices, onDelivery: onDelivery),
            state: ports.store,
            switches: Pipeline.Switches(
                records: configuration.records.isOn,
                certificates: configuration.certificates.isOn,
                signals: configuration.signals.isOn,
                isDryRun: configuration.isDryRun
            ),
            clock: ports.clock
        )
    }
}

extension Wiring {
    /// To add a provider, add a line. A provider is used if its credentials are configured.
    private static func providers(_ configuration: Configuration, _ ports: Dependencies) -> [any DNSProvider] {
        let providers: [(any DNSProvider)?] = [
            configuration.cloudflareProvider(ports.transport, ports.clock),
            configuration.rfc2136Provider(ports.dns),
            configuration.execProvider(ports.processes),
        ]
        return providers.compactMap { $0 }
    }

    private static func solver(
        _ configuration: Configuration,
        _ ports: Dependencies,
        _ recursive: [DNSServer],
        _ log: Logger
    ) -> DNS01Solver {
        DNS01Solver(
            propagation: Propagation(resolver: ports.dns, recursive: recursive, clock: ports.clock),
            limit: configuration.certificates.propagationLimit,
            state: ports.store,
            clock: ports.clock,
            randomness: ports.randomness,
            log: log
        )
    }

    private static func certificates(
        _ configuration: Configuration,
        _ ports: Dependencies,
        _ solver: DNS01Solver,
        _ recursive: [DNSServer],
        _ log: Logger
    ) -> CertificateStage {
        CertificateStage(
            settings: certbot(configuration, program: ports.program),
            files: ports.files,
            processes: ports.processes,
            transport: ports.transport,
            wildcardProbe: WildcardProbe(resolver: ports.dns, recursive: recursive),
            state: ports.store,
            solver: solver,
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
        settings.concurrency = configuration.certificates.concurrency ?? defaultConcurrency
        settings.propagationLimit = configuration.certificates.propagationLimit
        settings.environment = configuration.certificates.proxies
        return settings
    }

    /// How many certbots run at once unless configured: one per core, from 10 to 16, because certbot sleeps for two of its
    /// three seconds. Each takes 50 MB, and together they get at most a quarter of the memory, but four may always run.
    package static var defaultConcurrency: Int {
        let wanted = min(16, max(10, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return max(4, min(wanted, memory / 4 / (50 << 20)))
    }
}

extension Configuration {
    func cloudflareProvider(_ transport: any HTTPTransport, _ clock: any Clock) -> CloudflareProvider? {
        cloudflare.map { CloudflareProvider($0.credentials, url: $0.url, transport: transport, clock: clock) }
    }

    func rfc2136Provider(_ updater: any DNSClient) -> RFC2136Provider? {
        rfc2136.map { RFC2136Provider($0.peer, zones: $0.zones, updater: updater) }
    }

    /// The configured DNS providers, for the log.
    package var providerNames: [String] {
        [cloudflare.map { _ in "Cloudflare" }, rfc2136.map { _ in "RFC 2136" }, exec.map { _ in "a program" }]
            .compactMap(\.self)
    }

    func execProvider(_ processes: any ProcessRunner) -> ExecProvider? {
        exec.map { ExecProvider($0.program, environment: $0.environment, processes: processes) }
    }
}
extension Wiring {
    private static func notices(
        _ configuration: Configuration,
        _ ports: Dependencies,
        _ log: Logger,
        logsNotices: Bool,
        onDelivery: @escaping @Sendable (NoticeResult) -> Void
    ) -> NoticeStage {
        let settings = configuration.notices
        return NoticeStage(
            receivers: logsNotices ? [LogNotifier(log)] : [],
            workers: configuration.isDryRun
                ? []
                : notifiers(settings, ports).map { notifier in
                    OutboxWorker(
                        notifier,
                        atLeast: settings.levels[notifier.name] ?? .info,
                        instance: configuration.instance,
                        state: ports.store,
                        clock: ports.clock,
                        randomness: ports.randomness,
                        log: log,
                        observer: onDelivery
                    )
                },
            heartbeat: configuration.isDryRun
                ? nil
                : settings.heartbeat.map {
                    Heartbeat(
                        $0,
                        transport: ports.transport,
                        clock: ports.clock,
                        randomness: ports.randomness,
                        log: log
                    )
                },
            state: ports.store,
            clock: ports.clock,
            log: log
        )
    }

    /// To add a notifier, add a line. A notifier is used if its destination is configured.
    private static func notifiers(_ settings: Configuration.Notices, _ ports: Dependencies) -> [any Notifier] {
        let transport = ports.transport
        let notifiers: [(any Notifier)?] = [
            settings.slack.map { SlackNotifier($0, transport: transport) },
            settings.webhook.map { WebhookNotifier(url: $0, secret: settings.webhookSecret, transport: transport) },
            settings.ntfy.map { NtfyNotifier($0, transport: transport) },
            settings.discord.map { DiscordNotifier(url: $0, transport: transport) },
            settings.gotify.map { GotifyNotifier($0, transport: transport) },
            settings.command.map { CommandNotifier($0, processes: ports.processes) },
        ]
        return notifiers.compactMap(\.self)
    }
}
