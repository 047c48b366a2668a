import FoundationEssentials
import Model
import Ports
import Sandbox
import TestSupport
import Testing

/// Landfall as its stack file deploys it, in a world whose servers are not on the Internet.
struct DeployedStack {
    static let service = "landfall_landfall"
    private let fixture: SandboxFixture
    private var sandbox: Sandbox { fixture.access.sandbox }

    init(_ fixture: SandboxFixture) { self.fixture = fixture }

    /// Gives the image to nodes, which pull nothing here.
    func takeImage(_ image: BuiltImage, onNodes nodes: ClosedRange<Int> = 1...1) async throws {
        for node in nodes { try await sandbox.docker(["load", "--input", image.archive], onNode: node) }
    }

    /// Does what the stack file's head says, with a second file for what is different in this world.
    func deploy(_ file: String = "stack.yml", _ more: [String: String] = [:]) async throws {
        try await sandbox.docker(["node", "update", "--label-add", "landfall=true", "node1"])
        let token = "\(fixture.folder)/token"
        try Disk.write(fixture.access.variables["CLOUDFLARE_API_TOKEN"] ?? "", to: token, mode: 0o600)
        try await sandbox.docker(["secret", "create", "landfall_cloudflare_api_token", token])
        let override = try writeWorld(Self.head + variables + Self.certificate(sandbox))
        let own = [
            "DOCKER_GID": try await sandbox.socketGroup(), "DEFAULT_DOMAIN": SandboxFixture.zone,
        ]
        try await sandbox.docker(
            ["stack", "deploy", "--resolve-image", "never", "--compose-file", "\(Checkout.top)/deploy/\(file)"]
                + ["--compose-file", override, "landfall"],
            environment: own.merging(more) { $1 }
        )
    }

    /// Deploys a stack that a document shows.
    func deploy(text: String) async throws {
        let file = "\(fixture.folder)/landfall.yml"
        try Disk.write(text, to: file)
        let override = try writeWorld(Self.head + variables + Self.certificate(sandbox))
        try await sandbox.docker(
            [
                "stack", "deploy", "--resolve-image", "never", "--compose-file", file, "--compose-file", override,
                "landfall",
            ],
            environment: [
                "DOCKER_GID": try await sandbox.socketGroup(),
                "CLOUDFLARE_API_TOKEN": fixture.access.variables["CLOUDFLARE_API_TOKEN"] ?? "",
            ]
        )
    }

    /// A second compose file, with what is different in this world.
    private func writeWorld(_ text: String) throws -> String {
        let file = "\(fixture.folder)/world.yml"
        try Disk.write(text, to: file)
        return file
    }

    private static let head =
        "version: '3.8'\nservices:\n  landfall:\n    environment:\n      LANDFALL_CA_FILE: /ca.pem\n"

    /// Where its servers are.
    private var variables: String {
        let names = [
            "CLOUDFLARE_API_URL", "CLOUDFLARE_PROXIED", "CERTBOT_SERVER", "LANDFALL_IP", "LANDFALL_RESOLVERS",
            "SLACK_TOKEN", "SLACK_CHANNEL", "SLACK_API_URL",
        ]
        return names.compactMap { name in
            fixture.access.variables[name].map { "      \(name): \"\($0)\"\n" }
        }.joined()
    }

    /// What its ACME server is trusted by.
    private static func certificate(_ sandbox: Sandbox) -> String {
        "    configs: [{ source: ca, target: /ca.pem }]\nconfigs:\n  ca: { file: \"\(sandbox.folder.serverAuthority)\" }\n"
    }

    /// Does what the compose file's head says.
    func compose(_ file: String, _ more: [String: String] = [:]) async throws {
        let folder = "\(fixture.folder)/compose"
        try Disk.makeFolder(folder)
        // With the lines that let another group read keys.
        let text = try #require(Disk.text("\(Checkout.top)/deploy/\(file)"))
            .replacing("#group_add", with: "group_add").replacing("#LANDFALL_KEY_GROUP", with: "LANDFALL_KEY_GROUP")
        try Disk.write(text, to: "\(folder)/\(file)")
        let token = "\(fixture.folder)/token"
        try Disk.write(fixture.access.variables["CLOUDFLARE_API_TOKEN"] ?? "", to: token, mode: 0o600)
        let install = ["install", "-o", "5263", "-m", "600", token, "\(folder)/cloudflare_api_token"]
        #expect(try await Checkout.run(install).end == .exited(0))
        let mount = "    volumes: [\"\(sandbox.folder.serverAuthority):/ca.pem:ro\"]\n"
        let override = try writeWorld(Self.head.replacing("version: '3.8'\n", with: "") + variables + mount)
        let own = [
            "DOCKER_HOST": "unix://\(sandbox.folder.engineSocket)", "DOCKER_GID": try await sandbox.socketGroup(),
            "DEFAULT_DOMAIN": SandboxFixture.zone,
        ]
        let result = try await Checkout.run(
            ["docker-compose", "--project-name", "landfall", "--file", "\(folder)/\(file)", "--file", override]
                + ["up", "--detach"],
            environment: own.merging(more) { $1 }
        )
        #expect(result.end == .exited(0), "\(result.errorText)")
    }

    /// The container that runs, once it does; not one of those named.
    func container(after others: Set<String> = []) async throws -> String {
        try await eventually("Landfall's container", within: .seconds(60)) {
            let ids = try await sandbox.docker([
                "ps", "--quiet", "--no-trunc", "--filter", "ancestor=\(BuiltImage.name)",
            ])
            return ids.split(separator: "\n").map(String.init).first { !others.contains($0) }
        }
    }

    /// Lets a container reach the world's servers, at the addresses that they have outside.
    func doors(into container: String) async throws -> [Door] {
        let network = try await sandbox.network(ofContainer: container)
        let values = fixture.access.variables.values.sorted().joined(separator: " ")
        let places = Set(values.split { !"0123456789.:".contains($0) }.compactMap { SocketAddress($0) })
        let names = try #require(SocketAddress(fixture.access.variables["LANDFALL_RESOLVERS"] ?? ""))
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
            let told = try? await fixture.messages()
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
