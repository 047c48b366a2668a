import Files
import Glibc
import Model
import Ports
import Processes
import TestSupport
import Testing

@testable import Sandbox

/// Worlds that begin and end, by the command that people use.
@Suite(
    .serialized,
    .enabled(if: SandboxProgram.program != nil, "needs the sandbox: `make test`")
)
struct LifecycleTests {
    private let sandbox = Sandbox.fresh()
    private var folder: SandboxFolder { sandbox.folder }

    @Test func `up, up again, and down without a trace`() async throws {
        let first = try await SandboxProgram.run("up", "--folder", folder.path)
        #expect(first.end == .exited(0), "\(first.errorText)")
        #expect(first.outputText.contains("export DOCKER_HOST=unix://\(folder)/docker.sock\n"))
        #expect(first.errorText.contains("Docker engine"))
        #expect(try await !Traces(folder: folder).all.isEmpty)
        try await sandbox.docker([
            "service", "create", "--detach", "--no-resolve-image", ImageRecipe.busybox.name, "sleep", "9",
        ])
        try await eventually("a container") {
            (try? await sandbox.docker(["ps", "--quiet"])).map { !$0.isEmpty } ?? false
        }

        let second = try await SandboxProgram.run("up", "--folder", folder.path)
        #expect(second.outputText == first.outputText)
        #expect(try await SandboxProgram.run("env", "--folder", folder.path).outputText == first.outputText)

        let leaving = "setsid sleep 1000 >/dev/null 2>&1 & echo $!; exit 3"
        let exec = try await SandboxProgram.run("exec", "--folder", folder.path, "--", "sh", "-c", leaving)
        #expect(exec.end == .exited(3), "\(exec.errorText)")
        #expect(kill(try #require(pid_t(exec.outputText.trimmed)), 0) == -1, "what the program left behind has ended")

        #expect(try await SandboxProgram.run("down", "--folder", folder.path).end == .exited(0))
        #expect(try await Traces(folder: folder).all == [])
        #expect(try await SandboxProgram.run("env", "--folder", folder.path).end == .exited(1))
    }

    @Test func `a supervisor that is killed takes everything with it, and the next up cleans up`() async throws {
        _ = try await sandbox.up(program: try #require(SandboxProgram.program))
        let first = try #require(ProcessIdentity.recorded(in: folder.process))
        let children = try #require(TextFile.read("/proc/\(first.pid)/task/\(first.pid)/children"))
        let supervisor = try #require(ProcessIdentity.current(pid_t(children.trimmed) ?? 0))
        await supervisor.end()
        try await eventually("the end of all processes") {
            (try? await Traces(folder: folder).all.contains { $0.hasPrefix("process") }) == false
        }
        #expect(sandbox.environment == nil)

        let other = Sandbox.fresh()
        _ = try await other.up(program: try #require(SandboxProgram.program))
        #expect(try await Traces(folder: folder).all == [])
        try await other.down()
        #expect(try await Traces(folder: other.folder).all == [])
    }

    @Test func `a sandbox without one of its parts ends`() async throws {
        _ = try await sandbox.up(program: try #require(SandboxProgram.program))
        let engine = try #require(
            ProcessIdentity.current(pid_t(TextFile.read(EngineFiles(folder, node: 1).pid)?.trimmed ?? "") ?? 0)
        )
        await engine.end()
        try await eventually("the end of the sandbox") { !sandbox.isRunning }
        #expect(TextFile.read(folder.log("supervisor"))?.contains("engine of node1: it ended") == true)
        #expect(try await sandbox.down() == .remainsRemoved)
    }

    @Test func `an engine that is killed comes back with its services, and one that is stopped is silent`() async throws
    {
        _ = try await sandbox.up(program: try #require(SandboxProgram.program))
        let create = ["service", "create", "--detach", "--no-resolve-image", "--name", "stays", "--replicas", "0"]
        try await sandbox.docker(create + [ImageRecipe.busybox.name, "sleep", "9"])
        let list = ["service", "ls", "--format", "{{.Name}}"]
        try await sandbox.killEngine()
        try await eventually("the engine's return") { (try? await sandbox.docker(list)) == "stays\n" }
        func answers() async throws -> Bool {
            try await sandbox.parts().first { $0.name == "Docker engine" }?.answers == true
        }
        try await sandbox.stopEngine()
        #expect(try await !answers())
        try sandbox.resumeEngine()
        #expect(try await answers())
        try await sandbox.down()
    }

    @Test func `four sandboxes begin and end side by side`() async throws {
        let program = try #require(SandboxProgram.program)
        let addresses = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let sandbox = Sandbox.fresh()
                    let environment = try await sandbox.up(program: program)
                    try await sandbox.down()
                    #expect(try await Traces(folder: sandbox.folder).all == [])
                    return environment["LANDFALL_SANDBOX_ADDRESS"]
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(addresses.count == 4)
    }

    @Test func `exec runs a program in a sandbox of its own, clean of the user's variables, and hands on its exit`()
        async throws
    {
        let script = "env; docker info --format '{{.Swarm.LocalNodeState}}'; exit 7"
        let result = try await SandboxProgram.run(
            "exec",
            "--",
            "sh",
            "-c",
            script,
            environment: ["DOCKER_HOST": "tcp://mine", "DOCKER_TLS_VERIFY": "1", "CLOUDFLARE_EMAIL": "me@example.org"]
        )
        #expect(result.end == .exited(7), "\(result.errorText)")
        #expect(result.outputText.hasSuffix("active\n"))
        #expect(!result.outputText.contains("mine") && !result.outputText.contains("me@example.org"))
        #expect(!result.outputText.contains("DOCKER_TLS_VERIFY"))
        #expect(try await Traces(folder: try folder(in: result.outputText)).all == [])
    }

    @Test func `a cancelled exec ends its program and its sandbox`() async throws {
        let task = Task { try await SandboxProgram.run("exec", "--folder", folder.path, "--", "sleep", "1000") }
        try await eventually("the sandbox") { sandbox.environment != nil }
        task.cancel()
        _ = try await task.value
        #expect(try await Traces(folder: folder).all == [])
    }

    @Test func `a cancelled up leaves nothing`() async throws {
        let task = Task { try await SandboxProgram.run("up", "--folder", folder.path) }
        try await eventually("the sandbox's first process") { sandbox.isRunning }
        task.cancel()
        _ = try await task.value
        #expect(try await Traces(folder: folder).all == [])
    }

    @Test func `a sandbox ends with the process that owns it`() async throws {
        let note = "/tmp/landfall-owner-\(getpid())"
        let owner = Task {
            let request = ProcessRequest(
                ["sh", "-c", "echo $$ >\(note); exec sleep 1000"],
                environment: ["PATH": "/usr/bin:/bin"],
                timeLimit: .seconds(120).scaledToLoad
            )
            return try await SpawnRunner().run(request, for: .run)
        }
        var pid: Int32?
        try await eventually("the owner's number") {
            pid = TextFile.read(note).flatMap { Int32($0.trimmed) }
            return pid != nil
        }
        try SystemFiles().remove(note, for: .run)
        _ = try await sandbox.up(program: try #require(SandboxProgram.program), owner: pid)
        owner.cancel()
        _ = try await owner.value
        try await eventually("its end") { !sandbox.isRunning }
        #expect(
            try await SandboxProgram.run("down", "--folder", folder.path).errorText.contains("its remains were removed")
        )
        #expect(try await Traces(folder: folder).all == [])
    }

    @Test func `a folder that is somebody else's is neither used nor removed`() async throws {
        let theirs = try SandboxFolder("/tmp/landfall-theirs-\(getpid())")
        try TextFile.makeDirectory(theirs.path)
        try TextFile.write("precious", to: "\(theirs)/file")
        for command in ["up", "down"] {
            let result = try await SandboxProgram.run(command, "--folder", theirs.path)
            #expect(result.end == .exited(1))
            #expect(result.errorText.contains("no sandbox's folder"))
        }
        #expect(TextFile.read("\(theirs)/file") == "precious")
        try SystemFiles().remove(theirs.path, for: .run)
    }

    @Test(arguments: [
        ["conquer"], ["up", "--colour", "red"], ["up", "--folder"], ["exec"], ["up", "--nonce-rejections", "x"],
        ["up", "--zones", "a.test,;"], ["up", "--public-address", "localhost"],
    ])
    func `what cannot be meant is told, with exit 2`(arguments: [String]) async throws {
        let request = ProcessRequest(
            [try #require(SandboxProgram.program)] + arguments,
            environment: ["PATH": "/usr/bin:/usr/sbin"],
            timeLimit: .seconds(10).scaledToLoad
        )
        let result = try await SpawnRunner().run(request, for: .run)
        #expect(result.end == .exited(2))
        #expect(result.errorText.split(separator: "\n").count == 1)
    }

    private func folder(in output: String) throws -> SandboxFolder {
        let line = output.split(separator: "\n").first { $0.hasPrefix("LANDFALL_SANDBOX=") }
        return try SandboxFolder(String(try #require(line).dropFirst("LANDFALL_SANDBOX=".count)))
    }
}
