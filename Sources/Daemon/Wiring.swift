import Address
import Certificates
import Configuration
import DNS
import Discovery
import Docker
import Files
import FoundationEssentials
import Log
import Model
import Notices
import Pipeline
import Processes
import Records
import Signals
import State
import Timing
import Transport

/// Configuration → the parts of a Landfall, put together once.
struct Wiring: Sendable {
    let engine: EngineClient
    let providers: [any DNSProvider]
    let desk: ChallengeDesk
    let pipeline: Pipeline
    let clock: any Clock
    let randomness: any Randomness

    /// Ways to the outside: real ones, or those of a dry run, which only look.
    struct Ports: Sendable {
        let transport: any HTTPTransport
        let files: any Files
        let processes: any ProcessRunner
        let resolver: any DNSResolver
        let store: StateStore
        let clock: any Clock
        let randomness: any Randomness
    }

    static func socketPath(in stateFolder: String) -> String { "\(stateFolder)/landfall.sock" }

    init(_ configuration: Configuration, ports: Ports, log: Logger) {
        clock = ports.clock
        randomness = ports.randomness
        engine = EngineClient(configuration.engine, transport: ports.transport)
        providers = configuration.cloudflare.map {
            [CloudflareProvider($0.credentials, url: $0.url, transport: ports.transport)]
        } ?? []
        desk = Self.desk(configuration, ports, log)
        pipeline = Pipeline(
            discovery: Discovery(engine: engine, rules: Self.rules(configuration)),
            address: AddressFinder(
                source: configuration.records.address, transport: ports.transport, clock: clock, log: log
            ),
            providers: providers,
            allowedZones: configuration.records.allowedZones,
            records: RecordStage(policy: Self.policy(configuration)),
            certificates: CertificateStage(
                settings: Self.certbot(configuration), files: ports.files, processes: ports.processes,
                state: ports.store, desk: desk, clock: clock, randomness: ports.randomness, log: log
            ),
            signals: SignalStage(
                engine: engine, state: ports.store, signalLabels: configuration.discovery.signalLabels, clock: clock,
                log: log
            ),
            notices: NoticeStage(
                notifiers: Self.notifiers(configuration, ports, log), state: ports.store, clock: clock, log: log
            ),
            switches: Pipeline.Switches(
                records: configuration.records.isOn, certificates: configuration.certificates.isOn,
                signals: configuration.signalsAreOn, isDryRun: configuration.isDryRun
            ),
            clock: clock,
            log: log
        )
    }
}
