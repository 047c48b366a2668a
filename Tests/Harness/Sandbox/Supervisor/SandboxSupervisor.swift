import Emulators
import Model
import Polling
import Ports
import Timing
import Transport

/// Runs the parts of a sandbox: the engine, the name server, the ACME server and the emulators.
///
/// It ends by the end of its first process (see `Launcher`), when one of its parts ends, or with the process that owns it.
package struct SandboxSupervisor: Sendable {
    private let folder: SandboxFolder
    private let options: SandboxOptions
    private let program: String
    private let clock: any Clock
    private let programs: ProgramRunner
    private let steps: StartupLog

    /// - Parameter program: the `landfall-sandbox` that runs this; what else was built lies beside it.
    package init(_ folder: SandboxFolder, _ options: SandboxOptions, program: String) {
        (self.folder, self.options, self.program) = (folder, options, program)
        clock = SystemClock()
        programs = ProgramRunner(folder)
        steps = StartupLog(folder.steps, clock: clock)
    }

    /// - Parameter owner: the ID of the process with which the sandbox ends.
    package func run(owner: Int32?) async throws {
        let address = try await LoopbackAddress(folder: folder, programs: programs).claim()
        let poller = Poller(clock: clock)
        let names = NameServer(
            folder: folder,
            address: address,
            zones: options.allZones,
            programs: programs,
            poller: poller
        )
        let authority = CertificateAuthority(
            folder: folder,
            address: address,
            nonceRejections: options.nonceRejections,
            validity: options.certificateValidity,
            programs: programs,
            poller: poller
        )
        let transport = CurlTransport(.init(userAgent: "landfall-sandbox"))
        let engines = (1...options.nodes).map { node in
            Engine(
                files: EngineFiles(folder, node: node),
                publicAddress: node == 1 ? options.publicAddress : nil,
                programs: programs,
                poller: poller,
                transport: transport
            )
        }
        let cluster = Cluster(
            engines: engines,
            network: VirtualNetwork(folder: folder, programs: programs, poller: poller),
            builder: ImageBuilder(folder: folder, programs: programs),
            isSwarm: options.isSwarm
        )
        try await names.prepare()
        try await authority.prepare()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in [names.service, authority.service] + cluster.services {
                group.addTask { try await programs.serve(service) }
            }
            if let owner { group.addTask { try await outlive(owner) } }
            group.addTask { try await start(names, authority, cluster) }
            // Unlike waitForAll, this throws with the first that throws.
            for try await _ in group {}
        }
    }

    private func start(_ names: NameServer, _ authority: CertificateAuthority, _ cluster: Cluster) async throws {
        async let clusterIsUp: Void = cluster.start(steps, landfall: landfall)
        try await steps.measure("name server") { try await names.awaitReady() }
        try await steps.measure("ACME server") { try await authority.awaitReady() }
        let services = try await steps.measure("emulators") { () async throws in
            try EmulatedServices(options, address: names.address, zones: DynamicZones(names))
        }
        try await clusterIsUp
        try environment(names, authority, services).write(to: folder.environment)
        // Their servers close with them, so they are kept until the sandbox ends.
        defer { withExtendedLifetime(services) {} }
        try await clock.sleep(for: .seconds(365 * 86_400))
    }

    /// Throws when the owner has ended.
    private func outlive(_ owner: Int32) async throws {
        let identity = ProcessIdentity.current(owner, in: folder.machine)
        while let identity, identity.isAlive(in: folder.machine) { try await clock.sleep(for: .milliseconds(500)) }
        throw SandboxError.part("owner", reason: "process \(owner) has ended")
    }
}

extension SandboxSupervisor {
    /// Built beside this.
    private var landfall: String { program.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/landfall" }

    private func environment(
        _ names: NameServer,
        _ authority: CertificateAuthority,
        _ services: EmulatedServices
    ) -> SandboxEnvironment {
        let own = [
            "DOCKER_HOST": "unix://\(folder.engineSocket)",
            "DEFAULT_DOMAIN": options.zones[0],
            "CERTBOT_SERVER": authority.directory,
            "CERTBOT_CONFIG_DIR": folder.certificates,
            "LANDFALL_CA_FILE": folder.serverAuthority,
            "LANDFALL_RESOLVERS": "\(names.address):53",
            "LANDFALL_STATE_DIR": folder.state,
            "LANDFALL_SANDBOX": folder.path,
            "LANDFALL_SANDBOX_PROGRAM": program,
            "LANDFALL_SANDBOX_ADDRESS": names.address,
        ]
        // Landfall runs outside any container here, and so has no image of its own for the other nodes.
        let helper = options.nodes > 1 ? ["LANDFALL_HELPER_IMAGE": ImageRecipe.landfall(binary: landfall).name] : [:]
        return SandboxEnvironment(
            [own, helper, services.variables, names.variables].reduce(into: [:]) { $0.merge($1) { $1 } }
        )
    }
}
