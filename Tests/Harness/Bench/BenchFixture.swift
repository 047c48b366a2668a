import FoundationEssentials
import Model
import Polling
import Ports
import Processes
import Sandbox
import Timing
import Transport

/// Where measurements take place: a sandbox, and the programs built beside this one.
struct BenchFixture: Sendable {
    let sandbox: Sandbox
    let environment: SandboxEnvironment
    /// The program that is measured.
    let landfall: String
    /// This program.
    let bench: String
    let clock = SystemClock()
    let runner = SpawnRunner()
    let transport = CurlTransport(.init(userAgent: "landfall-bench"))

    static func here() throws -> BenchFixture {
        guard let path = ProcessInfo.processInfo.environment["LANDFALL_SANDBOX"] else {
            throw BenchError("it measures in a sandbox: landfall-sandbox exec -- landfall-bench")
        }
        let sandbox = Sandbox(try SandboxFolder(path))
        guard let environment = sandbox.environment else { throw BenchError("no sandbox runs in \(path)") }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let landfall = URL(filePath: own).deletingLastPathComponent().path + "/landfall"
        guard FileManager.default.isExecutableFile(atPath: landfall) else {
            throw BenchError("there is no \(landfall); build it first")
        }
        return BenchFixture(sandbox: sandbox, environment: environment, landfall: landfall, bench: own)
    }

    /// For what the bench itself leaves behind; goes with the sandbox.
    var folder: String { "\(sandbox.folder)/bench" }

    func setting(_ name: String) throws -> String {
        guard let value = environment[name] else { throw BenchError("the sandbox names no \(name)") }
        return value
    }

    /// Runs a program that has to succeed, and returns how long that took.
    @discardableResult
    func time(_ arguments: [String], environment: [String: String]) async throws -> Duration {
        let start = clock.uptime
        try await output(of: arguments, environment: environment)
        return clock.uptime - start
    }

    /// Runs a program that has to succeed, and returns what it wrote.
    @discardableResult
    func output(of arguments: [String], environment: [String: String]) async throws -> String {
        let request = ProcessRequest(arguments, environment: environment, timeLimit: .seconds(300))
        let result = try await runner.run(request, for: .run)
        guard result.end == .exited(0) else {
            let said = sanitized(result.errorText + result.outputText, limit: 400)
            throw BenchError("\(arguments.joined(separator: " ")): \(result.end): \(said)")
        }
        return result.outputText
    }

    /// Returns as soon as `condition` holds, five milliseconds late at most: what comes next is measured.
    func wait(for what: String, within limit: Duration = .seconds(120), _ condition: () throws -> Bool) async throws {
        try await Poller(clock: clock, interval: .milliseconds(5)).wait(what, within: limit, condition)
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension Duration {
    var inSeconds: Double { Double(nanoseconds) / 1e9 }
    var inMilliseconds: Double { Double(nanoseconds) / 1e6 }
}
