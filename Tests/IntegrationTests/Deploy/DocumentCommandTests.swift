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
    @Test func `the README's commands succeed, one after the other`() async throws {
        try await SandboxAccess.useOwn(SandboxOptions()) { access in
            try await SandboxFixture.use(in: access) { fixture in
                let shell = try await OperatorShell(fixture)
                try await fixture.start()
                for block in try Document("README.md").blocks("sh") { try await shell.follow(block) }
            }
        }
    }

    /// On two managers, between which Landfall moves.
    @Test func `the commands of operations.md do what the page says that they do`() async throws {
        var options = SandboxOptions()
        options.nodes = 2
        try await SandboxAccess.useOwn(options) { access in
            try await SandboxFixture.use(in: access) { fixture in
                try await fixture.docker("node", "promote", "node2")
                let shell = try await OperatorShell(fixture)
                try await shell.giveImage(toNode: 2)
                try await fixture.start()
                var effects: Set<String> = []
                for block in try Document("docs/operations.md").blocks("sh") {
                    if block.contains("tar -C /to") { try await shell.loseVolumes() }
                    try await shell.follow(block)
                    if let effect = try await shell.expectEffect(of: block, fixture) { effects.insert(effect) }
                }
                #expect(effects == ["install", "back up", "restore", "change the token", "fail over"])
            }
        }
    }

    @Test func `the README's stack says what it would do, and then serves a page`() async throws {
        let stack = try #require(try Document("README.md").blocks("yaml").first)
        #expect(stack.split(separator: "\n").count <= 20)
        try await SandboxAccess.useOwn(.exact) { access in
            try await SandboxFixture.use(in: access) { fixture in
                let sandbox = access.sandbox
                let image = ImageRecipe.deployable(binary: LandfallProgram.path)
                try await sandbox.makeImage(image)
                try await fixture.docker("tag", image.name, BuiltImage.name)
                let deployed = DeployedStack(fixture)
                try await deployed.deploy(text: stack)
                let first = try await deployed.container()
                let firstDoors = try await deployed.doors(into: first)
                try await sandbox.docker(
                    ["stack", "deploy", "--resolve-image", "never", "--compose-file"]
                        + ["\(Checkout.top)/deploy/examples/nginx/stack.yml", "web"],
                    environment: [
                        "NGINX_IMAGE": ImageRecipe.nginx.name, "HELLO_IMAGE": ImageRecipe.busybox.name,
                        "PROXY_CONSTRAINT": "node.role == manager",
                    ]
                )
                let host = "hello.\(SandboxFixture.zone)"
                try await deployed.explaining {
                    try await eventually("what it would do", within: .seconds(60)) {
                        let plan = try await deployed.execute(LandfallProgram.path, "plan", in: first)
                        return plan.contains("+ \(host)  A ")
                    }
                    // It is asked as any other daemon is.
                    let status = try await deployed.execute(LandfallProgram.path, "health", in: first)
                    #expect(status == "healthy\n")
                }
                #expect(try await fixture.writes().isEmpty)
                firstDoors.forEach { $0.close() }

                let lines = stack.split(separator: "\n").filter { !$0.contains("LANDFALL_DRY_RUN") }
                try await deployed.deploy(text: lines.joined(separator: "\n"))
                let second = try await deployed.container(after: [first])
                let doors = try await deployed.doors(into: second)
                try await deployed.explaining {
                    try await eventually("https://\(host)", within: .seconds(120)) {
                        try await sandbox.fetch(host: host).contains("given a label")
                    }
                }
                doors.forEach { $0.close() }
            }
        }
    }
}

/// The shell of an operator who follows a document: programs, the project's files, and names for what is theirs.
private struct OperatorShell {
    let folder: String
    private let variables: [String: String]
    private let fixture: SandboxFixture

    /// An image that bears Landfall's name holds the program that is tested.
    init(_ fixture: SandboxFixture) async throws {
        self.fixture = fixture
        folder = "\(fixture.folder)/shell"
        try Disk.makeFolder("\(folder)/bin")
        let links = [
            "bin/landfall": LandfallProgram.path, "bin/docker": "/usr/bin/docker", "deploy": "\(Checkout.top)/deploy",
        ]
        for (name, target) in links {
            _ = try await Checkout.run(["ln", "--symbolic", target, "\(folder)/\(name)"])
        }
        let image = ImageRecipe.deployable(binary: LandfallProgram.path)
        try await fixture.access.sandbox.makeImage(image)
        for (name, tag) in [(image.name, "landfall:0.1.0"), (ImageRecipe.busybox.name, "busybox")] {
            try await fixture.docker("tag", name, tag)
        }
        for volume in ["landfall-certificates", "landfall_state"] {
            try await fixture.docker("volume", "create", volume)
        }
        variables = fixture.variables([
            "PATH": "\(folder)/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "TOKEN": "one", "NEW_TOKEN": "two",
            "OLD_NODE": "node1", "NEW_NODE": "node2", "DOCKER_CLI_HINTS": "false",
        ])
    }

    /// Both volumes hold a file, as Landfall's own do.
    func fillVolumes() async throws {
        try await inVolumes("echo kept >/1/kept && echo kept >/2/kept && chmod 600 /1/kept")
    }

    func loseVolumes() async throws { try await inVolumes("rm /1/kept /2/kept") }

    @discardableResult
    private func inVolumes(_ command: String) async throws -> String {
        try await fixture.access.sandbox.docker(
            ["run", "--rm", "--volume", "landfall-certificates:/1", "--volume", "landfall_state:/2", "busybox"]
                + ["sh", "-c", command]
        )
    }

    func giveImage(toNode node: Int) async throws {
        let (sandbox, archive) = (fixture.access.sandbox, "\(folder)/image.tar")
        try await sandbox.docker(["save", "--output", archive, "landfall:0.1.0"])
        try await sandbox.docker(["load", "--input", archive], onNode: node)
    }

    /// Runs a block, which has to succeed.
    func follow(_ block: String) async throws {
        let result = try await run(block)
        guard result.end == .exited(0) else {
            throw ExplainedError(description: "\(block)\n\(result.outputText)\(result.errorText)")
        }
    }

    /// Looks whether a block did what it is for.
    /// - Returns: what that is; nil of a block that only shows something, or whose effect another one shows.
    func expectEffect(of block: String, _ fixture: SandboxFixture) async throws -> String? {
        func inspect(_ format: String) async throws -> String {
            try await fixture.docker("service", "inspect", "--format", format, "landfall_landfall")
        }
        if block.contains("LANDFALL_DRY_RUN=yes docker stack deploy") {
            try await awaitTask(on: "node1")
            try await fillVolumes()
            return "install"
        }
        if block.contains("tar -C /from") {
            let archives = try await Checkout.run(["stat", "--format", "%a %n", "\(folder)/certificates.tar.gz"])
            #expect(archives.outputText.hasPrefix("600 "))
            return "back up"
        }
        if block.contains("tar -C /to") {
            #expect(try await inVolumes("stat -c '%a %n' /1/kept && cat /2/kept") == "600 /1/kept\nkept\n")
            try await awaitTask(on: "node1")
            return "restore"
        }
        if block.contains("NEW_TOKEN") {
            let format =
                "{{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}}={{.File.Name}} {{.File.UID}}{{end}}"
            #expect(
                try await inspect(format).trimmed
                    == "landfall_cloudflare_api_token_2=landfall_cloudflare_api_token 5263"
            )
            return "change the token"
        }
        if block.contains("NEW_NODE") {
            try await awaitTask(on: "node2")
            return "fail over"
        }
        return nil
    }

    private func awaitTask(on node: String) async throws {
        try await eventually("Landfall on \(node)", within: .seconds(60)) {
            let tasks = try await fixture.docker(
                "service",
                "ps",
                "--filter",
                "desired-state=running",
                "--format",
                "{{.Node}} {{.CurrentState}}",
                "landfall_landfall"
            )
            return tasks.split(separator: "\n").contains { $0.hasPrefix("\(node) Running") }
        }
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
