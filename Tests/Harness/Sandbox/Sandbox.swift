import Files
import Glibc
import Model
import Polling
package import Ports
import Timing

/// Starts, uses and ends a sandbox.
package struct Sandbox: Sendable {
    package let folder: SandboxFolder
    let clock: any Clock
    let programs: ProgramRunner

    package init(_ folder: SandboxFolder, clock: any Clock = SystemClock()) {
        (self.folder, self.clock) = (folder, clock)
        programs = ProgramRunner(folder)
    }

    /// A new sandbox with a folder of its own.
    package static func fresh(randomness: any Randomness = SystemRandomness()) -> Sandbox {
        Sandbox(.fresh(token: randomness.token(bytes: 4, for: .run)))
    }

    /// The variables that point programs at it; nil when it does not run, or is not ready yet.
    package var environment: SandboxEnvironment? {
        isRunning ? SandboxEnvironment.read(from: folder.environment) : nil
    }

    package var isRunning: Bool {
        do {
            let record = try SystemFiles().read(folder.process, limit: 4096, for: .run)
            return ProcessIdentity(String(decoding: record, as: UTF8.self))?.isAlive() ?? false
        } catch .missing {
            return false
        } catch {
            // As with `ProcessIdentity.isAlive`.
            return true
        }
    }

    /// Starts the sandbox, or finds it running.
    ///
    /// - Parameters:
    ///   - program: the `landfall-sandbox` that serves the sandbox.
    ///   - owner: the ID of the process with which the sandbox ends.
    ///   - progress: is called after each step.
    package func up(
        _ options: SandboxOptions = SandboxOptions(),
        program: String,
        owner: Int32? = nil,
        progress: @Sendable (StartupStep) -> Void = { _ in }
    ) async throws(SandboxError) -> SandboxEnvironment {
        guard geteuid() == 0 else { throw .notRoot }
        let life = owner.map { ["--owner", String($0)] } ?? []
        let supervisor = [program, "serve", "--folder", folder.path] + options.arguments + life
        let isOurs = try await uncancelled { () async throws(SandboxError) in try await begin(supervisor) }
        do throws(SandboxError) {
            return try await awaitEnvironment(progress)
        } catch {
            let reason = isRunning ? error : failure ?? error
            if isOurs { _ = try? await down() }
            throw reason
        }
    }

    /// Ends the sandbox and removes everything it created, even in a cancelled task.
    @discardableResult
    package func down() async throws(SandboxError) -> SandboxEnd {
        try await uncancelled { () async throws(SandboxError) in
            let lock = try await MachineLock()
            defer { lock.release() }
            let wasRunning = isRunning
            let wasThere = try await clean()
            return wasRunning ? .ended : wasThere ? .remainsRemoved : .nothingThere
        }
    }

    /// Starts the supervisor unless one runs.
    /// - Returns: whether it was started.
    private func begin(_ supervisor: [String]) async throws(SandboxError) -> Bool {
        let lock = try await MachineLock()
        defer { lock.release() }
        await sweep()
        if isRunning { return false }
        try await clean()
        try prepare()
        do throws(SandboxError) {
            try await Launcher(folder: folder, programs: programs).launch(supervisor)
            try await Poller(clock: clock).wait(for: "the sandbox's first process", within: .seconds(30)) { isRunning }
        } catch {
            let reason = failure ?? error
            _ = try? await clean()
            throw reason
        }
        return true
    }

    private func awaitEnvironment(_ progress: (StartupStep) -> Void) async throws(SandboxError) -> SandboxEnvironment {
        var told = 0
        var environment: SandboxEnvironment?
        try await Poller(clock: clock).wait(for: "the sandbox", within: .seconds(120)) {
            environment = SandboxEnvironment.read(from: folder.environment)
            let steps = StartupLog.read(folder.steps)
            steps.dropFirst(told).forEach(progress)
            told = steps.count
            return environment != nil || !isRunning
        }
        guard let environment, isRunning else { throw .notRunning(folder.path) }
        return environment
    }

    private var failure: SandboxError? {
        lastWords.map { .part("the sandbox did not start", reason: $0) }
    }

    /// What its supervisor said last; nil when that had no reason to speak.
    package var lastWords: String? {
        let own = "landfall-sandbox: "
        guard let last = TextFile.read(folder.log("supervisor"))?.split(separator: "\n").last else { return nil }
        return sanitized(last.hasPrefix(own) ? last.dropFirst(own.count) : last, limit: 1200)
    }
}

/// What there was to end.
package enum SandboxEnd: Sendable, Hashable {
    case ended
    /// Another program had ended its processes.
    case remainsRemoved
    case nothingThere
}

/// Does something to its end, whether or not the task that wants it done is cancelled meanwhile.
private func uncancelled<Value: Sendable>(
    _ body: @escaping @Sendable () async throws(SandboxError) -> Value
) async throws(SandboxError) -> Value {
    let task = Task<Result<Value, SandboxError>, Never> {
        do throws(SandboxError) { return .success(try await body()) } catch { return .failure(error) }
    }
    return try await task.value.get()
}
