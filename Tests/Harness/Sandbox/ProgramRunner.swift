import Model
import Ports
import Processes

/// Runs the programs of the sandbox with their own environment, without the user's variables.
struct ProgramRunner: Sendable {
    let runner: any ProcessRunner
    let environment: [String: String]

    init(_ folder: SandboxFolder, runner: any ProcessRunner = SpawnRunner()) {
        self.runner = runner
        environment = [
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": folder.path,
            "DOCKER_HOST": "unix://\(folder.engineSocket)",
        ]
    }

    /// Runs a program that must succeed, and returns its output.
    @discardableResult
    func run(_ arguments: [String], limit: Duration = .seconds(60)) async throws(SandboxError) -> String {
        let name = arguments.first ?? ""
        let result: ProcessResult
        do {
            result = try await runner.run(
                ProcessRequest(arguments, environment: environment, timeLimit: limit),
                for: .run
            )
        } catch {
            throw .program(name, said: "\(error)")
        }
        switch result.end {
        case .exited(0): return result.outputText
        case .cancelled: throw .cancelled
        default: throw .program(name, said: Self.reason(result))
        }
    }

    /// Whether a program succeeds.
    func succeeds(_ arguments: [String]) async -> Bool {
        (try? await run(arguments, limit: .seconds(5))) != nil
    }

    /// The Docker client that comes with the engine; another one may be earlier on a PATH.
    @discardableResult
    func docker(_ arguments: String..., limit: Duration = .seconds(60)) async throws(SandboxError) -> String {
        try await run(["/usr/bin/docker"] + arguments, limit: limit)
    }

    /// Runs a program until the task is cancelled; its output goes to a log.
    func serve(_ service: Service) async throws(SandboxError) {
        let script = #"log=$1; shift; exec "$@" >>"$log" 2>&1"#
        let request = ProcessRequest(
            ["/bin/sh", "-c", script, service.name, service.log] + service.arguments,
            environment: environment.merging(service.environment) { $1 },
            timeLimit: .seconds(30 * 86_400),
            grace: service.grace
        )
        let result: ProcessResult
        do {
            result = try await runner.run(request, for: .run)
        } catch {
            throw .part(service.name, reason: "\(error)")
        }
        if case .cancelled = result.end { throw .cancelled }
        throw .part(
            service.name,
            reason: "it ended (\(result.end)); its last log lines: \(Self.lastLines(of: service.log))"
        )
    }

    /// The log itself is removed with the sandbox.
    private static func lastLines(of log: String) -> String {
        let lines = (TextFile.read(log) ?? "").split(separator: "\n").suffix(3)
        return lines.isEmpty ? "none" : sanitized(lines.joined(separator: " | "), limit: 1000)
    }

    private static func reason(_ result: ProcessResult) -> String {
        let said = result.error.isEmpty ? result.outputText : result.errorText
        let end = result.end == .timedOut ? "it took too long" : "\(result.end)"
        return said.isEmpty ? end : sanitized(said.trimmed, limit: 400)
    }
}

/// A program that runs as long as the sandbox does.
struct Service: Sendable {
    let name: String
    let arguments: [String]
    var environment: [String: String] = [:]
    let log: String
    var grace: Duration = .seconds(2)
}
