import Address
import Certificates
import DNS
import Delivery
import Discovery
import Docker
import Emulators
import Files
import HTTPServer
import Log
import Model
import Notices
import Pipeline
import Ports
import Processes
import Records
import Report
import State
import Synchronization
import System
import TestSupport
import Timing
import Transport

/// A pipeline of real stages over a stub engine and emulated services on real sockets.
final class PipelineFixture: Sendable {
    let pipeline: Pipeline
    let cloudflare: CloudflareEmulator
    let addresses = AddressEmulator()
    let told = AsyncCollector<Message>()
    let clock = TestClock()
    private let engine: StubEngine
    private let client: EngineClient
    /// With which it was started again.
    private let restarted = Mutex<Pipeline?>(nil)
    private let hosts: Hosts
    private let folder: TemporaryFolder
    private let servers: [HTTPServer]

    init(
        certificates: Bool = false,
        isDryRun: Bool = false,
        domain: DomainName? = nil,
        sources: SourceSettings = SourceSettings(),
        policy: RecordPolicy = RecordPolicy(instance: "default", defaultProxied: true, mode: .upsert)
    ) throws {
        folder = try TemporaryFolder()
        let hosts = Hosts()
        self.hosts = hosts
        engine = try StubEngine { request in
            switch request.path {
            case "/info":
                .reply(200, #"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"k1"}}}"#)
            case "/services": hosts.isHidden ? .reply(500, "{}") : .reply(200, hosts.services)
            case "/containers/json": .reply(200, hosts.containers)
            default: .reply(200, "[]")
            }
        }
        cloudflare = CloudflareEmulator(zones: ["example.test"], credentials: [.token(Secret("good-token"))])
        servers = try [cloudflare.handler, addresses.handler, addresses.handler].map {
            try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: $0)
        }
        let transport = PatientTransport(CurlTransport(.init(userAgent: "landfall-tests")))
        client = EngineClient(try EngineEndpoint(host: "unix://\(engine.socketPath)"), transport: transport)
        let state = try StateStore.inMemory()
        pipeline = Pipeline(
            discovery: Discovery(
                engine: client,
                rules: DiscoveryRules(defaultDomain: domain, sources: sources),
                files: SystemFiles(),
                state: state,
                clock: clock
            ),
            address: AddressStage(
                v4: .services(servers[1...].map { "http://127.0.0.1:\($0.port)/" }),
                v6: .off,
                transport: transport,
                interfaces: SystemInterfaces(),
                state: state,
                clock: clock,
                log: .silent
            ),
            providers: [
                CloudflareProvider(
                    .token(Secret("good-token")),
                    url: "http://127.0.0.1:\(servers[0].port)\(CloudflareEmulator.basePath)",
                    transport: transport
                )
            ],
            allowedZones: nil,
            defaultDomain: domain,
            records: RecordStage(policy: policy, store: OwnedRecordStore(state: state, clock: clock)),
            certificates: Self.certificates(folder.path, state, clock),
            signals: SignalStage(
                engine: client,
                rules: SignalRules(labels: ["landfall.signal"]),
                state: state,
                image: HelperImage(named: nil, files: SystemFiles()),
                clock: clock,
                randomness: SystemRandomness(),
                log: .silent
            ),
            secrets: SecretStage(engine: client, instance: "default", state: state, log: .silent),
            serving: ServingStage(probe: CurlTLSProbe(), defaultEndpoint: nil, state: state, clock: clock) { _ in nil },
            notices: NoticeStage(receivers: [MessageCollector(told)], state: state, clock: SystemClock(), log: .silent),
            state: state,
            switches: Pipeline.Switches(records: true, certificates: certificates, signals: true, isDryRun: isDryRun),
            clock: clock
        )
    }

    /// What the only service's label asks for.
    func ask(for names: String) { hosts.set(names) }

    /// What another service's labels ask for, which wants no record.
    func askWithoutRecord(for name: String) { hosts.setRecordless(name) }

    /// Further services, as the engine describes them, with commas between them.
    func add(services: String) { hosts.add(services) }

    func run(_ kinds: Trigger.Kind...) async -> Report {
        await current.reconcile(RunCause(reasons: ["test"], kinds: kinds, triggers: kinds.count, waited: .zero))
    }

    func plan() async -> Report { await pipeline.plan(RunCause(Trigger(.once))) }

    /// As somebody asks for it who has seen a list of deletions.
    func run(confirming code: String) async -> Report {
        await current.reconcile(RunCause(Trigger(.once, confirmation: code)))
    }

    private var current: Pipeline { restarted.withLock(\.self) ?? pipeline }

    /// Starts again with other sources, and the state that there is.
    func restart(_ sources: SourceSettings) {
        let old = pipeline
        let new = Pipeline(
            discovery: Discovery(
                engine: client,
                rules: DiscoveryRules(sources: sources),
                files: SystemFiles(),
                state: old.state,
                clock: clock
            ),
            address: old.address,
            providers: old.providers,
            allowedZones: nil,
            records: old.records,
            certificates: old.certificates,
            signals: old.signals,
            secrets: old.secrets,
            serving: old.serving,
            notices: old.notices,
            state: old.state,
            switches: old.switches,
            clock: clock
        )
        restarted.withLock { $0 = new }
    }

    /// From now on another service asks for `lost.example.test`, and a container for `stray.example.test`, where nobody reads
    /// it.
    func mislabel() { hosts.mislabel() }

    /// Whether the engine answers.
    func reachEngine(_ isReached: Bool) { hosts.hide(!isReached) }

    /// How often anybody but the engine was asked.
    var requests: Int { cloudflare.log.requests.count + addresses.log.requests.count }

    func clearRequests() {
        cloudflare.log.clear()
        addresses.log.clear()
    }

    private static func certificates(_ folder: String, _ state: StateStore, _ clock: TestClock) -> CertificateStage {
        var settings = CertbotSettings(
            stateDirectory: "\(folder)/state",
            hookProgram: "/usr/bin/landfall",
            socket: "\(folder)/landfall.sock"
        )
        settings.configDirectory = "\(folder)/letsencrypt"
        // Let's Encrypt certifies nothing in example.test.
        settings.rules = CertificateRules.none
        let solver = DNS01Solver(
            propagation: Propagation(resolver: LDNSClient(), recursive: [], clock: clock),
            limit: .seconds(1),
            state: state,
            clock: clock,
            randomness: FixedRandomness(),
            log: .silent
        )
        return CertificateStage(
            settings: settings,
            files: SystemFiles(),
            processes: NoProcesses(),
            state: state,
            solver: solver,
            clock: clock,
            log: .silent
        )
    }
}

private final class Hosts: Sendable {
    private struct State {
        var names = "web.example.test"
        var recordless: String?
        var others = ""
        var isHidden = false
        var isMislabelled = false
    }

    private let state = Mutex(State())

    func set(_ names: String) { state.withLock { $0.names = names } }
    func setRecordless(_ name: String) { state.withLock { $0.recordless = name } }
    func mislabel() { state.withLock { $0.isMislabelled = true } }
    func add(_ services: String) { state.withLock { $0.others = services } }
    func hide(_ isHidden: Bool) { state.withLock { $0.isHidden = isHidden } }

    var isHidden: Bool { state.withLock(\.isHidden) }

    private var isMislabelled: Bool { state.withLock(\.isMislabelled) }

    var services: String {
        let web = #"{"ID":"s1","Spec":{"Name":"web","Labels":{"landfall.host":"\#(state.withLock(\.names))"}}}"#
        let lost =
            #"{"ID":"s2","Spec":{"Name":"lost","TaskTemplate":{"ContainerSpec":{"Labels":"#
            + #"{"landfall.host":"lost.example.test"}}}}}"#
        let recordless = state.withLock(\.recordless).map { name in
            #"{"ID":"s3","Spec":{"Name":"dark","Labels":{"landfall.host":"\#(name)","landfall.dns":"none"}}}"#
        }
        let others = state.withLock(\.others)
        let all =
            [web] + [recordless].compactMap(\.self) + (isMislabelled ? [lost] : []) + (others.isEmpty ? [] : [others])
        return "[\(all.joined(separator: ","))]"
    }

    var containers: String {
        let stray =
            #"{"Id":"c1","Names":["/stray"],"Labels":{"landfall.host":"stray.example.test"},"State":"running"}"#
        return isMislabelled ? "[\(stray)]" : "[]"
    }
}

private struct MessageCollector: NoticeReceiver {
    let name = "ear"
    private let told: AsyncCollector<Message>

    init(_ told: AsyncCollector<Message>) { self.told = told }

    func receive(_ message: Message) { told.add(message) }
}
