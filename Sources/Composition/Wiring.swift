import Address
package import Certificates
package import Configuration
import Crypto
import DNS
import Delivery
import Discovery
import Docker
package import EventStream
import Glibc
package import Log
import Model
package import Notices
package import Pipeline
package import Ports
import Records

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
        let parts = Parts(configuration, ports, log)
        clock = ports.clock
        solver = parts.solver
        events = EventStream(
            engine: EngineClient(configuration.engine, transport: ports.transport, scope: .events),
            hostLabels: configuration.discovery.hostLabels,
            readsEveryContainer: configuration.discovery.sources.readsMore,
            state: ports.store,
            clock: ports.clock,
            randomness: ports.randomness,
            log: log,
            onChange: onConnection
        )
        pipeline = parts.pipeline(notices: parts.notices(logsNotices: logsNotices, onDelivery: onDelivery))
    }

    /// How many certbots run at once unless configured: one per core, from 10 to 16, because certbot sleeps for two of its
    /// three seconds. Each takes 50 MB, and together they get at most a quarter of the memory, but four may always run.
    package static var defaultConcurrency: Int {
        let wanted = min(16, max(10, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return max(4, min(wanted, memory / 4 / (50 << 20)))
    }
}

/// Builds the parts of a pipeline.
private struct Parts {
    let configuration: Configuration
    let ports: Dependencies
    let log: Logger
    let engine: EngineClient
    let recursive: ResolverList
    let solver: DNS01Solver

    init(_ configuration: Configuration, _ ports: Dependencies, _ log: Logger) {
        (self.configuration, self.ports, self.log) = (configuration, ports, log)
        engine = EngineClient(configuration.engine, transport: ports.transport)
        recursive = ResolverList(configuration.resolvers, files: ports.files)
        solver = DNS01Solver(
            propagation: Propagation(resolver: ports.dns, recursive: recursive, clock: ports.clock),
            limit: configuration.certificates.propagationLimit,
            state: ports.store,
            clock: ports.clock,
            randomness: ports.randomness,
            log: log
        )
    }

    func pipeline(notices: NoticeStage) -> Pipeline {
        Pipeline(
            discovery: Discovery(
                engine: engine,
                rules: configuration.discovery,
                files: ports.files,
                state: ports.store,
                clock: ports.clock
            ),
            address: AddressStage(
                v4: configuration.records.addressV4,
                v6: configuration.records.addressV6,
                transport: ports.transport,
                interfaces: ports.interfaces,
                proxies: configuration.proxies,
                state: ports.store,
                clock: ports.clock,
                log: log
            ),
            providers: configuration.providers(in: .public, ports),
            inside: inside,
            allowedZones: configuration.discovery.allowedZones,
            defaultDomain: configuration.discovery.defaultDomain,
            qualification: configuration.discovery.qualification,
            records: RecordStage(
                policy: configuration.records.policy,
                store: OwnedRecordStore(state: ports.store, clock: ports.clock)
            ),
            certificates: certificates,
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
                permissions: configuration.signals.secretPermissions,
                state: ports.store,
                log: log
            ),
            serving: ServingStage(
                probe: ports.probe,
                defaultEndpoint: configuration.signals.probe,
                state: ports.store,
                clock: ports.clock
            ) { try? CertificateFile(pem: $0).fingerprint },
            notices: notices,
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

    /// Nil where all providers serve the public view.
    private var inside: Pipeline.InternalView? {
        configuration.internal.map { settings in
            let policy = configuration.records.policy
            return Pipeline.InternalView(
                providers: configuration.providers(in: .internal, ports),
                address: settings.address,
                interfaces: ports.interfaces,
                records: RecordStage(
                    policy: policy.withoutProxy,
                    store: OwnedRecordStore(state: ports.store, clock: ports.clock, of: .internal)
                )
            )
        }
    }

    private var certificates: CertificateStage {
        CertificateStage(
            settings: certbot,
            files: ports.files,
            processes: ports.processes,
            transport: ports.transport,
            wildcardProbe: WildcardProbe(resolver: ports.dns, recursive: recursive),
            caaLookup: CAALookup(resolver: ports.dns, recursive: recursive),
            state: ports.store,
            solver: solver,
            clock: ports.clock,
            log: log
        )
    }

    private var certbot: CertbotSettings {
        let certificates = configuration.certificates
        var settings = CertbotSettings(
            stateDirectory: configuration.stateFolder,
            hookProgram: ports.program,
            socket: configuration.socketPath
        )
        settings.program = certificates.program
        settings.options = certificates.options
        settings.configDirectory = certificates.folder
        settings.server = certificates.server
        settings.limits = certificates.limits
        settings.rules = certificates.rules
        settings.email = certificates.email
        settings.authorities = configuration.authorities
        settings.timeLimit = certificates.timeLimit
        settings.authenticator = certificates.authenticator
        settings.concurrency = certificates.concurrency ?? Wiring.defaultConcurrency
        settings.propagationLimit = certificates.propagationLimit
        settings.environment = configuration.proxies.variables
        if case .plugin(let plugin) = certificates.authenticator, plugin.name == "dns-cloudflare",
            let url = configuration.cloudflare?.url, url != CloudflareProvider.defaultURL
        {
            // Where Landfall finds the API, the plugin finds it: the first variable is of its version 2, the second of 5.
            settings.environment["CLOUDFLARE_API_URL"] = url
            settings.environment["CLOUDFLARE_BASE_URL"] = url
        }
        return settings
    }

    func notices(logsNotices: Bool, onDelivery: @escaping @Sendable (NoticeResult) -> Void) -> NoticeStage {
        let heartbeat = configuration.notices.heartbeat.map { url in
            Heartbeat(url, transport: ports.transport, clock: ports.clock, randomness: ports.randomness, log: log)
        }
        return NoticeStage(
            receivers: logsNotices ? [LogNotifier(log)] : [],
            workers: configuration.isDryRun ? [] : notifiers.map { worker($0, onDelivery) },
            heartbeat: configuration.isDryRun ? nil : heartbeat,
            state: ports.store,
            clock: ports.clock,
            log: log
        )
    }

    private func worker(_ notifier: any Notifier, _ observer: @escaping @Sendable (NoticeResult) -> Void)
        -> OutboxWorker
    {
        OutboxWorker(
            notifier,
            atLeast: configuration.notices.levels[notifier.name] ?? .info,
            instance: configuration.instance,
            state: ports.store,
            clock: ports.clock,
            randomness: ports.randomness,
            log: log,
            observer: observer
        )
    }

    /// To add a notifier, add a line. A notifier is used if its destination is configured.
    private var notifiers: [any Notifier] {
        let (settings, transport) = (configuration.notices, ports.transport)
        let notifiers: [(any Notifier)?] = [
            settings.slack.map { SlackNotifier($0, transport: transport) },
            settings.webhook.map { WebhookNotifier(url: $0, secret: settings.webhookSecret, transport: transport) },
            settings.ntfy.map { NtfyNotifier($0, transport: transport) },
            settings.discord.map { DiscordNotifier(url: $0, transport: transport) },
            settings.gotify.map { GotifyNotifier($0, transport: transport) },
            settings.telegram.map { TelegramNotifier($0, transport: transport) },
            settings.mail.map { MailNotifier($0, client: ports.mail) },
            settings.command.map { CommandNotifier($0, processes: ports.processes) },
        ]
        return notifiers.compactMap(\.self)
    }
}

extension Configuration {
    /// To add a provider, add a line. A provider is used if its credentials are configured.
    func providers(in view: View, _ ports: Dependencies) -> [any DNSProvider] {
        providers(in: view, ports.transport, ports.dns, ports.processes, ports.files, ports.clock)
    }

    func providers(
        in view: View,
        _ transport: any HTTPTransport,
        _ dns: any DNSClient,
        _ processes: any ProcessRunner,
        _ files: any Files,
        _ clock: any Clock
    ) -> [any DNSProvider] {
        let providers: [(name: String, provider: (any DNSProvider)?)] = [
            ("cloudflare", cloudflareProvider(transport, clock)), ("rfc2136", rfc2136Provider(dns)),
            ("exec", execProvider(processes)),
        ]
        let ofLexicon = zip(lexicon, lexiconProviders(processes, files)).map { ("lexicon:\($0.provider)", $1) }
        let all = providers + ofLexicon
        return all.filter { self.view(of: $0.name) == view }.compactMap(\.provider)
    }

    /// The view that a provider serves, by its name in `LANDFALL_INTERNAL_PROVIDERS`.
    func view(of provider: String) -> View { `internal`?.providers.contains(provider) == true ? .internal : .public }

    func cloudflareProvider(_ transport: any HTTPTransport, _ clock: any Clock) -> CloudflareProvider? {
        cloudflare.map { CloudflareProvider($0.credentials, url: $0.url, transport: transport, clock: clock) }
    }

    func rfc2136Provider(_ updater: any DNSClient) -> RFC2136Provider? {
        rfc2136.map { RFC2136Provider($0.peer, zones: $0.zones, updater: updater) }
    }

    /// The configured DNS providers, for the log.
    package var providerNames: [String] {
        [cloudflare.map { _ in "Cloudflare" }, rfc2136.map { _ in "RFC 2136" }, exec.map { _ in "a program" }]
            .compactMap(\.self) + lexicon.map { "\($0.provider) by lexicon" }
    }

    func lexiconProviders(_ processes: any ProcessRunner, _ files: any Files) -> [LexiconProvider] {
        guard !lexicon.isEmpty else { return [] }
        // A plan must not make the folder.
        let hasFolder = (try? files.information(stateFolder, for: .run)) != nil
        return lexicon.map { settings in
            LexiconProvider(hasFolder ? settings.caching(in: "\(stateFolder)/lexicon") : settings, processes: processes)
        }
    }

    func execProvider(_ processes: any ProcessRunner) -> ExecProvider? {
        exec.map { ExecProvider($0.program, environment: $0.environment, processes: processes) }
    }
}
