import Model
import Polling

/// Connects the engines of a sandbox with each other and nothing else: a bridge in its own network namespace, and a veth
/// pair from there to the namespace of every engine. The kernel removes it with the processes of these namespaces.
struct VirtualNetwork: Sendable {
    let folder: SandboxFolder
    let programs: ProgramRunner
    let poller: Poller

    var service: Service {
        Service(
            name: "switch",
            arguments: ["unshare", "--net", "sh", "-ec", Self.script, folder.machine, folder.switchPID],
            log: folder.log("switch")
        )
    }

    private static let script = #"""
        ip link add name switch type bridge
        ip link set switch up
        read -r pid rest <"$0/self/stat"
        echo "$pid" >"$1"
        exec sleep infinity
        """#

    func connect(_ engine: EngineFiles) async throws(SandboxError) {
        let (center, end) = (try await network(of: folder.switchPID), try await network(of: engine.pid))
        let port = "port\(engine.node)"
        let cable = ["link", "add", port, "type", "veth", "peer", "name", "cable", "netns", end]
        try await programs.run(["nsenter", "--net=\(center)", "ip"] + cable)
        try await programs.run(["nsenter", "--net=\(center)", "ip", "link", "set", port, "master", "switch", "up"])
        let address = ["address", "add", "\(engine.address)/24", "dev", "cable"]
        try await programs.run(["nsenter", "--net=\(end)", "ip"] + address)
        try await programs.run(["nsenter", "--net=\(end)", "ip", "link", "set", "cable", "up"])
    }

    /// Waits until a file contains a process's ID, and returns the path of its network namespace.
    private func network(of file: String) async throws(SandboxError) -> String {
        var pid = ""
        try await poller.wait(for: "a network namespace", within: .seconds(30)) {
            pid = TextFile.read(file)?.trimmed ?? ""
            return !pid.isEmpty
        }
        return "\(folder.machine)/\(pid)/ns/net"
    }
}
