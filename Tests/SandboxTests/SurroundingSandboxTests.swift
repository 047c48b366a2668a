import Emulators
import Model
import Ports
import TestSupport
import Testing

@testable import Sandbox

/// The parts of the sandbox that these tests are run in.
@Suite(.enabled(if: SandboxProgram.surrounding != nil, "needs the sandbox: `make test`"))
struct SurroundingSandboxTests {
    private let sandbox: Sandbox

    init() throws { sandbox = try #require(SandboxProgram.surrounding) }

    @Test func `every part answers`() async throws {
        let parts = try await sandbox.parts()
        #expect(parts.count == 4)
        #expect(parts.filter { !$0.answers } == [])
    }

    @Test func `the engine is a swarm's manager, with the two images and no network but its own`() async throws {
        let info = try await sandbox.docker([
            "info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}",
        ])
        #expect(info == "active true\n")
        let images = try await sandbox.docker(["image", "ls", "--format", "{{.Repository}}"])
        #expect(images.contains(ImageRecipe.busybox.name) && images.contains(ImageRecipe.nginx.name))
        let routes = try await sandbox.inEngineNetwork(["ip", "route", "show", "default"])
        #expect(routes == "")
    }

    @Test func `DNS shows a record put into the provider, and no longer once it is removed`() async throws {
        let emulators = try #require(sandbox.emulators())
        let name = "shown.example.test"
        let record = try await emulators.put(
            RecordDraft(name: name, type: "A", content: "192.0.2.7", proxied: false),
            in: "example.test"
        )
        try await eventually("the record") { (try? await sandbox.lookUp(name, "A")) == ["192.0.2.7"] }
        try await emulators.remove(record.id, in: "example.test")
        try await eventually("its end") { (try? await sandbox.lookUp(name, "A")) == [] }
    }

    @Test func `the zones have a start of authority, and a name server that can be found and asked`() async throws {
        #expect(try await sandbox.lookUp("example.test", "SOA").first?.hasPrefix("\(NameServer.name).") == true)
        #expect(try await sandbox.lookUp("example.test", "NS") == ["\(NameServer.name)."])
        #expect(
            try await sandbox.lookUp(NameServer.name, "A").first == sandbox.environment?["LANDFALL_SANDBOX_ADDRESS"]
        )
        #expect(try await sandbox.lookUp("registry.example.org", "A") == [])
    }

    @Test func `Landfall's own image runs it`() async throws {
        let binary =
            try #require(SandboxProgram.program).split(separator: "/").dropLast().map { "/\($0)" }.joined()
            + "/landfall"
        let recipe = ImageRecipe.landfall(binary: binary)
        try await sandbox.makeImage(recipe)
        let answer = try await sandbox.docker(["run", "--rm", recipe.name, "version"])
        #expect(answer.lowercased().contains("landfall"))
    }
}
