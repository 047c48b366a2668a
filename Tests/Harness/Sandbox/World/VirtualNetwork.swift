import Model
import Polling

/// Lets the engines of a world reach each other, and nobody else: a switch in a network namespace of its own, and a cable
/// to it from that of every engine. All of it ends with the processes whose namespaces these are.
struct VirtualNetwork: Sendable {
    let folder: SandboxFolder
    let programs: Programs
    let poller: Poller

    var service: Service {
        Service(
            name: "switch",
            arguments: ["unshare", "--net", "sh", "-ec", Self.lay, folder.machine, folder.switchPID],
            log: folder.log("switch")
        )
    }

    private static let lay = #"""
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

    /// The network namespace of the process whose number a file tells, as soon as it does.
    private func network(of file: String) async throws(SandboxError) -> String {
        var pid = ""
        try await poller.wait(for: "a network namespace", within: .seconds(30)) {
            pid = TextFile.read(file)?.trimmed ?? ""
            return !pid.isEmpty
        }
        return "\(folder.machine)/\(pid)/ns/net"
    }
}
