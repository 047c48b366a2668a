package import Emulators
import Model
import Polling
import Ports
import Transport

/// Views of the sandbox from outside, with programs that share nothing with Landfall.
extension Sandbox {
    /// The name server's answer, as `dig +short` prints it.
    package func lookUp(_ name: String, _ type: String) async throws(SandboxError) -> [String] {
        let address = try required("LANDFALL_SANDBOX_ADDRESS")
        let answer = try await programs.run(
            ["dig", "+short", "+time=2", "+tries=1", "@\(address)", name, type],
            limit: .seconds(10)
        )
        return answer.split(separator: "\n").map(String.init)
    }

    /// Fetches `https://HOST/` as a stranger would: the name is looked up, the connection is made to the address in the
    /// engine's network, and the certificate is verified against the root of the ACME server.
    package func fetch(host: String) async throws(SandboxError) -> String {
        guard let address = try await lookUp(host, "A").last else {
            throw .part(host, reason: "the name server has no address for it")
        }
        return try await inEngineNetwork(
            ["curl", "--silent", "--show-error", "--fail", "--max-time", "5", "--cacert", folder.issuingRoot]
                + ["--resolve", "\(host):443:\(address)", "https://\(host)/"]
        )
    }

    /// Runs a program where the services' published ports are.
    package func inEngineNetwork(_ arguments: [String]) async throws(SandboxError) -> String {
        let network = "--net=/proc/\(try enginePID())/ns/net"
        return try await programs.run(["nsenter", network] + arguments, limit: .seconds(15))
    }

    /// The Docker client, on an engine of the sandbox.
    @discardableResult
    package func docker(
        _ arguments: [String],
        environment: [String: String] = [:],
        onNode node: Int = 1,
        limit: Duration = .seconds(60)
    ) async throws(SandboxError) -> String {
        let engine = ["DOCKER_HOST": "unix://\(EngineFiles(folder, node: node).socket)"]
        let settings = engine.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        return try await programs.run(["env"] + settings + ["/usr/bin/docker"] + arguments, limit: limit)
    }

    /// The file that is the network namespace of a container on the first engine, as this machine sees it.
    package func network(ofContainer id: String) async throws(SandboxError) -> String {
        let key = try await docker(["inspect", "--format", "{{.NetworkSettings.SandboxKey}}", id])
        // It is mounted where only the engine sees it.
        return "/proc/\(try enginePID())/root\(key.trimmed)"
    }

    /// The group that may use the first engine's socket.
    package func socketGroup() async throws(SandboxError) -> String {
        try await programs.run(["stat", "--format", "%g", "/proc/\(try enginePID())/root/run/docker.sock"]).trimmed
    }

    private func enginePID() throws(SandboxError) -> String {
        guard isRunning, let pid = TextFile.read(EngineFiles(folder, node: 1).pid) else {
            throw .notRunning(folder.path)
        }
        return pid.trimmed
    }

    /// A client of the emulators' control API; nil when no sandbox runs.
    package func emulators() -> EmulatorClient? {
        environment?["LANDFALL_SANDBOX_CONTROL"].map { control in
            EmulatorClient(CurlTransport(.init(userAgent: "landfall-sandbox")), control: control)
        }
    }

    /// Makes an image that is not part of every sandbox.
    package func makeImage(_ recipe: ImageRecipe) async throws {
        try await ImageBuilder(folder: folder, programs: programs).build(recipe)
    }

    /// Each part, where it is, and whether it answers.
    package func parts() async throws(SandboxError) -> [SandboxPart] {
        let address = try required("LANDFALL_SANDBOX_ADDRESS")
        let poller = Poller(clock: clock)
        let engine = Engine(
            files: EngineFiles(folder, node: 1),
            publicAddress: nil,
            programs: programs,
            poller: poller,
            transport: CurlTransport(.init(userAgent: "landfall-sandbox"))
        )
        let names = NameServer(folder: folder, address: address, zones: [], programs: programs, poller: poller)
        let authority = CertificateAuthority(
            folder: folder,
            address: address,
            nonceRejections: 0,
            validity: .zero,
            programs: programs,
            poller: poller
        )
        return [
            SandboxPart(name: "Docker engine", place: "unix://\(folder.engineSocket)", answers: await engine.isReady),
            SandboxPart(name: "name server", place: "\(address):53", answers: await names.isReady),
            SandboxPart(name: "ACME server", place: authority.directory, answers: await authority.isReady),
            SandboxPart(
                name: "emulators",
                place: try required("LANDFALL_SANDBOX_CONTROL"),
                answers: (try? await emulators()?.slackSettings()) != nil
            ),
        ]
    }

    private func required(_ name: String) throws(SandboxError) -> String {
        guard let value = environment?[name] else { throw .notRunning(folder.path) }
        return value
    }
}

package struct SandboxPart: Sendable, Hashable {
    package let name: String
    package let place: String
    package let answers: Bool
}
