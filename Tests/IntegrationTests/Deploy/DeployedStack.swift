import FoundationEssentials
import Model
import Sandbox
import TestSupport
import Testing

/// Landfall as its stack file deploys it, in a world whose servers are not on the Internet.
struct DeployedStack {
    static let service = "landfall_landfall"
    private let scene: Scene
    private var sandbox: Sandbox { scene.world.sandbox }

    init(_ scene: Scene) {
        self.scene = scene
    }

    /// Builds the image around the release build, as `make image` does.
    func buildImage() async throws -> ImageFacts {
        let base = try await Mirror.base(on: sandbox, folder: scene.folder)
        let arguments = [
            "build", "--file", "\(Checkout.top)/deploy/Dockerfile", "--target", "prebuilt", "--build-arg",
            "DEBIAN_IMAGE=\(base)", "--build-arg", "REVISION=tested", "--tag", ImageFacts.name, Checkout.top,
        ]
        try await sandbox.docker(arguments, limit: .seconds(600))
        let facts = try await sandbox.docker(["image", "inspect", "--format", "{{json .}}", ImageFacts.name])
        return try JSONDecoder().decode(ImageFacts.self, from: Data(facts.utf8))
    }

    /// Gives the image to the other nodes, which pull nothing here.
    func shareImage() async throws {
        let archive = "\(scene.folder)/landfall.tar"
        try await sandbox.docker(["save", "--output", archive, ImageFacts.name])
        for node in 2...3 { try await sandbox.docker(["load", "--input", archive], onNode: node) }
        Disk.remove(archive)
    }

    /// Does what the stack file's head says, with a second file for what is different in this world.
    func deploy(_ file: String = "stack.yml", _ more: [String: String] = [:]) async throws {
        try await sandbox.docker(["node", "update", "--label-add", "landfall=true", "node1"])
        let token = "\(scene.folder)/token"
        try Disk.write(scene.world.variables["CLOUDFLARE_API_TOKEN"] ?? "", to: token, mode: 0o600)
        try await sandbox.docker(["secret", "create", "landfall_cloudflare_api_token", token])
        let override = "\(scene.folder)/world.yml"
        try Disk.write(world, to: override)
        let own = [
            "DOCKER_GID": try await sandbox.socketGroup(), "CERTBOT_EMAIL": "you@example.org",
            "DEFAULT_DOMAIN": Scene.zone,
        ]
        try await sandbox.docker(
            ["stack", "deploy", "--resolve-image", "never", "--compose-file", "\(Checkout.top)/deploy/\(file)"]
                + ["--compose-file", override, "landfall"],
            environment: own.merging(more) { $1 }
        )
    }

    /// Where this world's servers are.
    private var world: String {
        let names = [
            "CLOUDFLARE_API_URL", "CLOUDFLARE_PROXIED", "CERTBOT_SERVER", "LANDFALL_IP", "LANDFALL_RESOLVERS",
            "SLACK_TOKEN", "SLACK_CHANNEL", "SLACK_API_URL",
        ]
        let lines = names.map { "      \($0): \"\(scene.world.variables[$0] ?? "")\"" }
        return """
            version: "3.8"
            services:
              landfall:
                environment:
                  LANDFALL_CA_FILE: /ca.pem
            \(lines.joined(separator: "\n"))
                configs: [{ source: ca, target: /ca.pem }]
            configs:
              ca: { file: "\(sandbox.folder.serverAuthority)" }

            """
    }

    /// The container that runs, once it does; not one of those named.
    func container(after others: Set<String> = []) async throws -> String {
        try await awaited("Landfall's container", limit: .seconds(60)) {
            let filter = "label=com.docker.swarm.service.name=\(Self.service)"
            let ids = try await sandbox.docker(["ps", "--quiet", "--no-trunc", "--filter", filter])
            return ids.split(separator: "\n").map(String.init).first { !others.contains($0) }
        }
    }

    /// Lets a container reach the world's servers, at the addresses that they have outside.
    func doors(into container: String) async throws -> [Door] {
        let network = try await sandbox.network(ofContainer: container)
        let values = scene.world.variables.values.sorted().joined(separator: " ")
        let places = Set(values.split { !"0123456789.:".contains($0) }.compactMap { SocketAddress($0) })
        let names = try #require(SocketAddress(scene.world.variables["LANDFALL_RESOLVERS"] ?? ""))
        return try places.map { try Door(to: $0, in: network) } + [Door(to: names, in: network, .datagrams)]
    }

    /// What Landfall said last goes with an error, for it goes with the world.
    func explaining(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            let running = try await container()
            let lines = try await sandbox.docker(["logs", "--tail", "30", running])
            let check = try? await execute("sh", "-c", "landfall check; env | grep SLACK", in: running)
            let told = try? await scene.messages()
            throw ExplainedError(description: "\(error)\n\(lines)\(check ?? "") \(told ?? [])")
        }
    }

    func execute(_ arguments: String..., in container: String) async throws -> String {
        try await sandbox.docker(["exec", container] + arguments)
    }

    func inspect(_ container: String) async throws -> ContainerFacts {
        let facts = try await sandbox.docker(["inspect", "--format", "{{json .}}", container])
        return try JSONDecoder().decode(ContainerFacts.self, from: Data(facts.utf8))
    }
}

/// What the engine tells of the image.
struct ImageFacts: Decodable {
    static let name = "landfall:0.1.0"

    struct Settings: Decodable {
        let User: String
        let StopSignal: String
        let Healthcheck: Check
        let Labels: [String: String]
        let Entrypoint: [String]
    }

    struct Check: Decodable {
        let Test: [String]
    }

    let Size: Int
    let Architecture: String
    let Config: Settings
}

/// What it tells of a container.
struct ContainerFacts: Decodable {
    struct Host: Decodable {
        let ReadonlyRootfs: Bool
        let CapDrop: [String]?
        let Init: Bool?
        let Memory: Int
    }

    struct Status: Decodable {
        let Status: String
        let ExitCode: Int
        let Health: Health?
    }

    struct Health: Decodable {
        let Status: String
    }

    let HostConfig: Host
    let State: Status
}
