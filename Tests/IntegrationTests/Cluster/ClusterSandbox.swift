import Ports
import Sandbox
import TestSupport
import Testing

/// Lends a suite one access with a Swarm of three nodes, which begins with its first test and ends with its last.
struct ClusterSandbox: SuiteTrait, TestScoping {
    @TaskLocal static var current: SandboxAccess?

    static var options: SandboxOptions {
        var options = SandboxOptions()
        (options.nodes, options.nonceRejections) = (3, 0)
        return options
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await SandboxAccess.useOwn(Self.options) { access in
            try await Self.$current.withValue(access) { try await function() }
        }
    }
}

extension SandboxFixture {
    /// Lends a fresh part of the sandbox with three nodes.
    static func useThreeNodes(_ body: (SandboxFixture) async throws -> Void) async throws {
        try await use(in: ClusterSandbox.current, body)
    }

    /// Makes a service that waits for signals as a proxy does, with a task on every node.
    /// - Returns: each node's part of it.
    func createGlobalReceiver(_ label: String = "proxy", labels: [String] = []) async throws -> [SignalReceiver] {
        let receivers = (1...3).map {
            SignalReceiver(service: "\(label)-\(token)", folder: "\(folder)/\(label)/node\($0)")
        }
        for receiver in receivers { try Disk.makeFolder(receiver.folder) }
        let mount = "type=bind,source=\(folder)/\(label)/{{.Node.Hostname}},target=/heard"
        let all = ["landfall.signal=HUP"] + labels
        try await create(
            receivers[0].service,
            ["--mode", "global", "--mount", mount] + all.flatMap { ["--container-label", $0] },
            SignalReceiver.command
        )
        try await eventually("the receivers' start") { receivers.allSatisfy(\.isReady) }
        return receivers
    }

    /// The names of all services.
    func serviceNames() async throws -> [String] {
        try await docker("service", "ls", "--format", "{{.Name}}").split(separator: "\n").map(String.init)
    }

    /// The helpers that there are now.
    func helpers() async throws -> [String] {
        try await serviceNames().filter { $0.hasPrefix("landfall-signal-") }
    }

    /// Makes one run by itself.
    /// - Returns: what it reports, as JSON.
    func report() async throws -> String { try await command("once", "--json").outputText }
}
