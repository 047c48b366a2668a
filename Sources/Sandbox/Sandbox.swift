import Glibc
import Model
public import Timing

/// A sandbox as those see it who start, use and end it.
public struct Sandbox: Sendable {
    public let folder: SandboxFolder
    let clock: any Clock
    let programs: Programs

    public init(_ folder: SandboxFolder, clock: any Clock = SystemClock()) {
        (self.folder, self.clock) = (folder, clock)
        programs = Programs(folder)
    }

    /// A new one that nobody else uses.
    public static func fresh(randomness: any Randomness = SystemRandomness()) -> Sandbox {
        Sandbox(.fresh(token: randomness.token(bytes: 4)))
    }

    /// Where it is, for those who use it; nil when it does not run, or not yet.
    public var environment: SandboxEnvironment? {
        isRunning ? SandboxEnvironment.read(from: folder.environment) : nil
    }

    var isRunning: Bool { ProcessIdentity.recorded(in: folder.process)?.isAlive ?? false }

    /// Starts the world, or finds it running.
    ///
    /// - Parameters:
    ///   - program: the `landfall-sandbox` that serves the world.
    ///   - owner: the number of a process that the world must not outlive.
    ///   - progress: hears of each step when it is done.
    public func up(
        _ options: SandboxOptions = SandboxOptions(),
        program: String,
        owner: Int32? = nil,
        progress: @Sendable (Step) -> Void = { _ in }
    ) async throws(SandboxError) -> SandboxEnvironment {
        guard geteuid() == 0 else { throw .notRoot }
        await sweep()
        if !isRunning {
            try await clean()
            try prepare()
            let life = owner.map { ["--owner", String($0)] } ?? []
            try await Launcher(folder: folder, programs: programs)
                .launch([program, "serve", "--folder", folder.path] + options.arguments + life)
        }
        do throws(SandboxError) {
            return try await awaitEnvironment(progress)
        } catch {
            let reason = isRunning ? error : failure ?? error
            // The start may have been cancelled; ending it must not be.
            _ = await Task { try? await down() }.value
            throw reason
        }
    }

    /// Ends the world and removes all that it made.
    @discardableResult
    public func down() async throws(SandboxError) -> SandboxEnd {
        let wasRunning = isRunning
        let wasThere = try await clean()
        return wasRunning ? .ended : wasThere ? .remainsRemoved : .nothingThere
    }

    private func awaitEnvironment(_ progress: (Step) -> Void) async throws(SandboxError) -> SandboxEnvironment {
        let patience = Patience(clock: clock)
        try await patience.until("the sandbox's first process", limit: .seconds(10)) { isRunning }
        var told = 0
        var environment: SandboxEnvironment?
        try await patience.until("the sandbox", limit: .seconds(120)) {
            environment = SandboxEnvironment.read(from: folder.environment)
            let steps = StepFile.read(folder.steps)
            steps.dropFirst(told).forEach(progress)
            told = steps.count
            return environment != nil || !isRunning
        }
        guard let environment, isRunning else { throw .notRunning(folder.path) }
        return environment
    }

    /// What the supervisor said last.
    private var failure: SandboxError? {
        let last = TextFile.read(folder.log("supervisor"))?.split(separator: "\n").last
        return last.map { .part("the sandbox did not start", reason: oneLine($0)) }
    }
}

/// What there was to end.
public enum SandboxEnd: Sendable, Hashable {
    case ended
    /// Its processes had been ended by somebody else.
    case remainsRemoved
    case nothingThere
}
