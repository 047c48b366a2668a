import Glibc
import Model
import Ports
import Sandbox
import Synchronization
import TestSupport
import Testing
@testable import Processes

@Suite struct SpawnRunnerTests {
    private let runner = SpawnRunner()
    private let path = ["PATH": "/usr/bin:/bin"]

    private func run(_ script: String, limit: Duration = .seconds(20).scaledToLoad, outputLimit: Int = 1 << 20)
        async throws -> ProcessResult
    {
        let request = ProcessRequest(
            ["sh", "-c", script],
            environment: path,
            timeLimit: limit,
            grace: .milliseconds(200),
            outputLimit: outputLimit
        )
        return try await runner.run(request, for: .run)
    }

    @Test func `output, error and status come back apart`() async throws {
        let result = try await run("echo out; echo err >&2; exit 3")
        #expect(result.end == .exited(3))
        #expect(result.outputText == "out\n")
        #expect(result.errorText == "err\n")
    }

    @Test func `arguments are not touched by any shell`() async throws {
        let hostile = "$(id) `id` ; & | \" ' \n *"
        let request = ProcessRequest(["printf", "%s", hostile], environment: path, timeLimit: .seconds(5).scaledToLoad)
        #expect(try await runner.run(request, for: .run).outputText == hostile)
    }

    @Test func `a child sees only the environment it is given, and only three descriptors`() async throws {
        #expect(try await run("env -u PWD -u SHLVL -u _").outputText == "PATH=/usr/bin:/bin\n")
        #expect(try await run("ls /proc/self/fd").outputText.split(separator: "\n").count == 4)
    }

    @Test(arguments: [0, 5, 300_000]) func `a program reads what it is given`(count: Int) async throws {
        let input = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let request = ProcessRequest(["cat"], environment: path, input: input, timeLimit: .seconds(20).scaledToLoad)
        #expect(try await runner.run(request, for: .run).output == input)
    }

    @Test func `a program need not read what it is given`() async throws {
        let input = [UInt8](repeating: 7, count: 300_000)
        let request = ProcessRequest(["true"], environment: path, input: input, timeLimit: .seconds(20).scaledToLoad)
        #expect(try await runner.run(request, for: .run).end == .exited(0))
    }

    @Test func `a program that is not there is named`() async throws {
        let request = ProcessRequest(["no-such-program"], environment: path, timeLimit: .seconds(5).scaledToLoad)
        await #expect(throws: ProcessError.notFound("no-such-program")) { try await runner.run(request, for: .run) }
    }

    @Test func `a child that ignores SIGTERM is killed when its time is up`() async throws {
        let result = try await run("trap '' TERM; while :; do sleep 0.05; done", limit: .milliseconds(100))
        #expect(result.end == .timedOut)
    }

    @Test func `cancellation ends the child and its group`() async throws {
        let task = Task { try await run("sleep 1000 & echo $!; wait") }
        task.cancel()
        #expect(try await task.value.end == .cancelled)
    }

    @Test func `what the child leaves behind in its group is ended with it`() async throws {
        let result = try await run("sleep 1000 & echo $!")
        let pid = try #require(pid_t(result.outputText.split(separator: "\n")[0]))
        #expect(result.end == .exited(0))
        while kill(pid, 0) == 0 {
            let state = try await run("cat /proc/\(pid)/stat").outputText
            if state.isEmpty || state.contains(") Z ") { break }
        }
    }

    @Test func `a child that cannot be watched is ended, and the run fails`() async {
        let child = Atomic<pid_t>(0)
        let runner = SpawnRunner { pid in
            child.store(pid, ordering: .relaxed)
            errno = EMFILE
            return -1
        }
        let request = ProcessRequest(["sleep", "1000"], environment: path, timeLimit: .seconds(5).scaledToLoad)
        let reason = "it cannot be watched: Too many open files"
        await #expect(throws: ProcessError.notStarted("sleep", reason: reason)) {
            try await runner.run(request, for: .run)
        }
        #expect(kill(child.load(ordering: .relaxed), 0) == -1, "it is gone")
    }

    @Test func `where there is no thread to watch it, no child is started`() async {
        await #expect(processExitsWith: .success) {
            // The limit binds nobody with root's capabilities.
            _ = setuid(65534)
            setLimit(__RLIMIT_NPROC, 0)
            let request = ProcessRequest(["sleep", "1000"], environment: [:], timeLimit: .seconds(5).scaledToLoad)
            await #expect(throws: ProcessError.self) { try await SpawnRunner().run(request, for: .run) }
            #expect(waitpid(-1, nil, WNOHANG) == -1, "no child is left")
        }
    }

    @Test func `orphans that fall to us are reaped, and no other child is`() async {
        await #expect(processExitsWith: .success) {
            try adoptOrphans()
            let path = ["PATH": "/usr/bin:/bin"]
            let other = ProcessRequest(["sh", "-c", "exit 7"], environment: path, timeLimit: .seconds(20).scaledToLoad)
            let leaving = ProcessRequest(
                ["sh", "-c", "sleep 1000 & sleep 1000 & exit 3"],
                environment: path,
                timeLimit: .seconds(20).scaledToLoad
            )
            async let end = SpawnRunner().run(other, for: .run).end
            #expect(try await SpawnRunner().run(leaving, for: .run).end == .exited(3))
            #expect(try await end == .exited(7))
            #expect(waitpid(-1, nil, WNOHANG) == -1, "no child and no orphan is left")
        }
    }

    @Test func `a lock is held as long as the program or a child with its input runs`() async throws {
        let folder = try TemporaryFolder()
        let (lock, note) = ("\(folder.path)/lock", "\(folder.path)/pid")
        func locking(_ script: String) async throws -> ProcessResult {
            let request = ProcessRequest(
                ["sh", "-c", script],
                environment: path,
                lock: lock,
                timeLimit: .seconds(20).scaledToLoad
            )
            return try await runner.run(request, for: .run)
        }
        #expect(try await locking("cat; ls /proc/self/fd | wc -l").outputText.trimmed == "4", "its input is empty")

        // The child leaves the group, as one does that outlives us.
        // A shell gives what it starts in the background another input.
        let leaving = "exec 3<&0; setsid sh -c 'echo $$ >\(note); exec sleep 1000' <&3 >/dev/null 2>&1 &"
        let orphan = try await locking("\(leaving) until test -s \(note); do :; done; cat \(note)")
        let pid = try #require(pid_t(orphan.outputText.trimmed))
        let taken = ProcessError.notStarted("sh", reason: "another one is at work: it holds \(lock)")
        await #expect(throws: taken) { try await locking("") }
        kill(pid, SIGKILL)
        while (try? await locking("")) == nil { await Task.yield() }
    }

    @Test func `output beyond the limit is dropped and counted, and the child still ends`() async throws {
        let result = try await run("head -c 3000000 /dev/zero", outputLimit: 1000)
        #expect(result.end == .exited(0))
        #expect(result.output.count == 1000)
        #expect(result.truncated)
    }

    @Test func `fifty children side by side`() async throws {
        let outputs = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 { group.addTask { try await run("echo \(number)").outputText } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(outputs.count == 50)
    }
}

/// Lowers a limit of this process.
private func setLimit(_ resource: __rlimit_resource, _ value: rlim_t) {
    var limit = rlimit()
    unsafe getrlimit(Int32(resource.rawValue), &limit)
    limit.rlim_cur = value
    unsafe setrlimit(Int32(resource.rawValue), &limit)
}
