import Model
import Ports
import Processes
import Sandbox
import TestSupport
import Testing

/// The commands of the documents, as they are written there: a block marked `sh` is run, and has to succeed.
@Suite(
    .serialized,
    .enabled(if: SandboxAccess.current != nil, "needs the sandbox: `make test`"),
    .limited(minutes: 5)
)
struct DocumentCommandTests {
    @Test(arguments: ["README.md", "docs/operations.md"])
    func `they succeed, one after the other`(document: String) async throws {
        let blocks = try Document(document).blocks("sh")
        #expect(!blocks.isEmpty)
        try await SandboxAccess.useOwn(SandboxOptions()) { access in
            try await SandboxFixture.use(in: access) { fixture in
                let desk = try await Desk(fixture)
                try await fixture.start()
                for block in blocks {
                    let result = try await desk.run(block)
                    #expect(result.end == .exited(0), "\(block)\n\(result.outputText)\(result.errorText)")
                    guard result.end == .exited(0) else { return }
                }
            }
        }
    }

    @Test func `the README's stack is one, and short`() async throws {
        let stacks = try Document("README.md").blocks("yaml")
        let stack = try #require(stacks.first)
        #expect(stack.split(separator: "\n").count <= 20)
        try await SandboxAccess.useOwn(SandboxOptions()) { access in
            try await SandboxFixture.use(in: access) { fixture in
                let desk = try await Desk(fixture)
                try Disk.write(stack, to: "\(desk.folder)/landfall.yml")
                try await fixture.docker("node", "update", "--label-add", "landfall=true", "node1")
                let result = try await desk.run(
                    "printf x | docker secret create cloudflare -; docker stack deploy -c landfall.yml landfall"
                )
                #expect(result.end == .exited(0), "\(result.errorText)")
                #expect(!result.errorText.contains("Ignoring"))
                try await eventually("a task of it") {
                    let states = try await fixture.docker(
                        "service",
                        "ps",
                        "--format",
                        "{{.CurrentState}}",
                        "landfall_landfall"
                    )
                    return states.contains("Running") || states.contains("Complete") || states.contains("Failed")
                }
            }
        }
    }
}

/// Where somebody sits who follows a document: programs, the project's files, and names for what is theirs.
private struct Desk {
    let folder: String
    private let variables: [String: String]

    /// An image that bears Landfall's name holds the program that is tested.
    init(_ fixture: SandboxFixture) async throws {
        folder = "\(fixture.folder)/desk"
        try Disk.makeFolder("\(folder)/bin")
        let links = [
            "bin/landfall": LandfallProgram.path, "bin/docker": "/usr/bin/docker", "deploy": "\(Checkout.top)/deploy",
        ]
        for (name, target) in links {
            _ = try await Checkout.run(["ln", "--symbolic", target, "\(folder)/\(name)"])
        }
        let image = ImageRecipe.landfall(binary: LandfallProgram.path)
        try await fixture.access.sandbox.makeImage(image)
        for (name, tag) in [(image.name, "landfall:0.1.0"), (ImageRecipe.busybox.name, "busybox")] {
            try await fixture.docker("tag", name, tag)
        }
        for volume in ["landfall-certificates", "landfall_state"] {
            try await fixture.docker("volume", "create", volume)
        }
        variables = fixture.variables([
            "PATH": "\(folder)/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "TOKEN": "one", "NEW_TOKEN": "two",
            "OLD_NODE": "node1", "NEW_NODE": "node1", "DOCKER_CLI_HINTS": "false",
        ])
    }

    func run(_ block: String) async throws -> ProcessResult {
        let exported = "set -eu\ncd \(folder)\n[ ! -e environment ] || . ./environment\n"
        let kept = "\nexport -p >environment"
        let request = ProcessRequest(
            ["/bin/sh", "-c", exported + block + kept],
            environment: variables,
            timeLimit: .seconds(120).scaledToLoad
        )
        return try await SpawnRunner().run(request, for: .run)
    }
}

/// A page in Markdown.
private struct Document {
    private let text: String

    init(_ path: String) throws { text = try #require(Disk.text("\(Checkout.top)/\(path)")) }

    /// What stands between fences that are marked so.
    func blocks(_ mark: String) -> [String] {
        var blocks: [String] = []
        var lines: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            switch (line, lines) {
            case ("```", let inner?):
                blocks.append(inner.joined(separator: "\n"))
                lines = nil
            case ("```\(mark)", nil): lines = []
            default: lines?.append(line)
            }
        }
        return blocks
    }
}
