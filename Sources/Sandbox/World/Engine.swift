import Model
import Transport

/// Debian's Docker engine, in namespaces of its own: the machine's firewall rules, mounts and `/run` stay as they are,
/// and it has no way to any network but itself.
struct Engine: Sendable {
    let folder: SandboxFolder
    /// Given to the engine's loopback device, so that what DNS says of a host leads to its published ports.
    let publicAddress: String
    let programs: Programs
    let patience: Patience
    let transport: any HTTPTransport

    var service: Service {
        Service(
            name: "engine",
            arguments: [
                "unshare", "--mount", "--net", "--propagation", "slave", "sh", "-ec", Self.enter, Self.become,
                folder.machine, folder.enginePID, folder.engineRestart, publicAddress, "/usr/sbin/dockerd",
                "--config-file", "\(folder)/dockerd.json", "--data-root", "\(folder)/data",
                "--exec-root", "\(folder)/x", "--host", "unix://\(folder.engineSocket)",
                "--pidfile", "\(folder)/dockerd.pid", "--cgroup-parent", "/\(folder.controlGroup)",
                // systemd would be asked for a control group in which to put processes that it sees by other numbers.
                "--exec-opt", "native.cgroupdriver=cgroupfs", "--storage-driver", "overlay2",
            ],
            log: folder.log("engine")
        )
    }

    /// `/run` is hidden because engine and containerd keep fixed paths in it, which the machine's own may use.
    ///
    /// The shell stays, so that an engine which is to be started anew (see `Sandbox.killEngine`) finds the namespaces of
    /// the one before it, and its containers in them.
    private static let enter = #"""
        mount -t tmpfs tmpfs /run
        ip link set lo up
        ip address add "$4/32" dev lo
        machine=$1 number=$2 restart=$3
        shift 4
        trap : TERM
        while :; do
            status=0
            sh -ec "$0" "$machine" "$number" "$@" || status=$?
            rm "$restart" 2>/dev/null || exit "$status"
        done
        """#

    /// The shell's number is written down as the machine has it; the engine takes it over.
    private static let become = #"""
        read -r pid rest <"$0/self/stat"
        echo "$pid" >"$1"
        shift
        exec "$@"
        """#

    /// Returns when the engine answers.
    func awaitReady() async throws(SandboxError) {
        try await patience.until("the engine's first answer", limit: .seconds(60)) { await isReady }
    }

    var isReady: Bool {
        get async {
            let ping = HTTPRequest(
                .get,
                "http://docker/_ping",
                timeLimit: .seconds(2),
                peer: .unixSocket(path: folder.engineSocket)
            )
            return (try? await transport.send(ping, for: .engine))?.status == 200
        }
    }

    /// Makes it a swarm of one node, which talks to itself.
    func initialiseSwarm() async throws(SandboxError) {
        try await programs.docker(
            "swarm",
            "init",
            "--advertise-addr",
            "127.0.0.1",
            "--listen-addr",
            "127.0.0.1:2377"
        )
    }
}
