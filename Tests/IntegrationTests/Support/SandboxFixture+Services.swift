import Model
import Sandbox
import Synchronization
import TestSupport

/// Services on the world's engine, as their owner makes and changes them.
extension SandboxFixture {
    /// Makes a service with labels; it has no task unless one is asked for, for its labels say all that matters.
    @discardableResult
    func createService(
        _ label: String,
        _ labels: [String: String],
        replicas: Int = 0,
        options: [String] = [],
        command: [String] = ["sleep", "86400"]
    ) async throws -> String {
        let name = "\(label)-\(token)"
        let words = labels.sorted { $0.key < $1.key }.flatMap { ["--label", "\($0.key)=\($0.value)"] }
        try await create(name, ["--replicas", "\(replicas)"] + options + words, command)
        return name
    }

    /// Deploys a stack with a service for every label, which asks for a host; again, when it is there already.
    func deployStack(_ labels: [String]) async throws {
        let parts = labels.map { label in
            """
              \(label):
                image: \(ImageRecipe.busybox.name)
                command: sleep 86400
                networks: [hostnet]
                deploy:
                  labels:
                    landfall.host: \(host(label))
            """
        }
        let network = "networks: { hostnet: { external: true, name: host } }"
        let file = "\(folder)/stack.yml"
        try Disk.write((["version: '3.8'", network, "services:"] + parts).joined(separator: "\n"), to: file)
        services.withLock { $0 = labels.map { "\(token)_\($0)" } }
        try await docker("stack", "deploy", "--resolve-image", "never", "--compose-file", file, token)
    }

    /// Deploys a stack by its files.
    func deployStack(files: [String], _ environment: [String: String] = [:]) async throws {
        hasStack.withLock { $0 = true }
        let options = files.flatMap { ["--compose-file", $0] }
        try await access.sandbox.docker(
            ["stack", "deploy", "--resolve-image", "never"] + options + [token],
            environment: environment
        )
    }

    func removeStack() async throws {
        guard hasStack.withLock(\.self) else { return }
        try await docker("stack", "rm", token)
        try await removeContainers(labelled: "com.docker.stack.namespace=\(token)")
    }

    /// Makes a service that waits for signals as a proxy does.
    func createReceiver(_ label: String = "proxy") async throws -> SignalReceiver {
        let receiver = SignalReceiver(service: "\(label)-\(token)", folder: "\(folder)/\(label)")
        try Disk.makeFolder(receiver.folder)
        try await create(
            receiver.service,
            ["--container-label", "landfall.signal=HUP"] + receiver.mount,
            SignalReceiver.command
        )
        try await eventually("the receiver's start") { receiver.isReady }
        return receiver
    }

    func updateLabel(_ key: String, to value: String, of service: String) async throws {
        try await docker("service", "update", "--detach", "--label-add", "\(key)=\(value)", service)
    }

    func removeService(_ name: String) async throws {
        try await docker("service", "rm", name)
        services.withLock { $0.removeAll { $0 == name } }
    }

    /// With their containers, which would otherwise stay a little and be met by the next test.
    func removeServices() async throws {
        let names = services.withLock(\.self)
        guard !names.isEmpty else { return }
        try await access.sandbox.docker(["service", "rm"] + names)
        for name in names {
            try await removeContainers(labelled: "com.docker.swarm.service.name=\(name)")
        }
    }

    private func removeContainers(labelled label: String) async throws {
        let containers = try await docker("ps", "--all", "--quiet", "--filter", "label=\(label)").split(separator: "\n")
        // The engine may be faster.
        for container in containers { _ = try? await docker("rm", "--force", String(container)) }
    }

    /// Starts a container with labels, as on a plain engine.
    @discardableResult
    func runContainer(
        _ label: String,
        _ labels: [String: String],
        _ options: [String] = []
    ) async throws -> String {
        let name = "\(label)-\(token)"
        let words = labels.sorted { $0.key < $1.key }.flatMap { ["--label", "\($0.key)=\($0.value)"] }
        try await run(name, options + words, ["sleep", "86400"])
        return name
    }

    /// Starts a container that waits for signals as a proxy does.
    func runReceiver(_ label: String = "proxy", _ options: [String] = []) async throws -> SignalReceiver {
        let receiver = SignalReceiver(service: "\(label)-\(token)", folder: "\(folder)/\(label)")
        try Disk.makeFolder(receiver.folder)
        let labels = ["--label", "landfall.signal=HUP"]
        try await run(receiver.service, labels + receiver.mount + options, SignalReceiver.command)
        try await eventually("the receiver's start") { receiver.isReady }
        return receiver
    }

    /// Starts a container that ends, and is started anew, for ever.
    @discardableResult
    func runCrashing(_ label: String, _ labels: [String: String]) async throws -> String {
        let name = "\(label)-\(token)"
        let words = labels.sorted { $0.key < $1.key }.flatMap { ["--label", "\($0.key)=\($0.value)"] }
        try await run(name, ["--restart", "always"] + words, ["sh", "-c", "sleep 1; false"])
        return name
    }

    func removeContainers() async throws {
        let names = containers.withLock(\.self)
        if !names.isEmpty { try await access.sandbox.docker(["rm", "--force"] + names) }
    }

    private func run(_ name: String, _ options: [String], _ command: [String]) async throws {
        containers.withLock { $0.append(name) }
        let common = ["run", "--detach", "--network", "none", "--name", name]
        try await access.sandbox.docker(common + options + [ImageRecipe.busybox.name] + command)
    }

    @discardableResult
    func docker(_ arguments: String...) async throws -> String {
        try await access.sandbox.docker(arguments)
    }

    func create(_ name: String, _ options: [String], _ command: [String]) async throws {
        let common = ["service", "create", "--detach", "--quiet", "--no-resolve-image", "--name", name]
        let quick = ["--stop-grace-period", "100ms"]
        services.withLock { if !$0.contains(name) { $0.append(name) } }
        try await access.sandbox.docker(common + quick + options + [ImageRecipe.busybox.name] + command)
    }
}

/// A service that notes the signals which its container really gets.
struct SignalReceiver: Sendable {
    let service: String
    /// Also in the container.
    let folder: String

    var mount: [String] { ["--mount", "type=bind,source=\(folder),target=/heard"] }

    /// A trapped signal ends the wait, and the next one is awaited.
    static let command = [
        "sh", "-c",
        """
        trap 'echo HUP >>/heard/signals' HUP
        trap 'exit 0' TERM
        sleep 86400 &
        touch /heard/ready
        while :; do wait $!; done
        """,
    ]

    var isReady: Bool { Disk.exists("\(folder)/ready") }

    /// When it last had reason to read what it serves: its start, or a signal.
    var lastReading: Timestamp? { ["ready", "signals"].compactMap { Disk.modified("\(folder)/\($0)") }.max() }

    /// How many it got so far.
    var signals: Int { Disk.text("\(folder)/signals")?.split(separator: "\n").count ?? 0 }
}
