import Model
import Polling
import Ports

/// Debian's Docker engine, in namespaces of its own: the machine's firewall rules, mounts and `/run` stay as they are,
/// and it has no way to any network but itself.
struct Engine: Sendable {
    let files: EngineFiles
    /// Given to the engine's loopback device, so that what DNS says of a host leads to its published ports.
    let publicAddress: String?
    let programs: ProgramRunner
    let poller: Poller
    let transport: any HTTPTransport

    var service: Service {
        Service(
            name: "engine of \(files.name)",
            arguments: [
                "unshare", "--mount", "--net", "--uts", "--propagation", "slave", "sh", "-ec", Self.enter, Self.become,
                files.folder.machine, files.pid, files.restart, publicAddress ?? "", files.name, "/usr/sbin/dockerd",
                "--config-file", "\(files.folder)/dockerd.json", "--data-root", files.data,
                "--exec-root", files.execution, "--host", "unix://\(files.socket)",
                // Where containers look for it; `/run` is the engine's own.
                "--host", "unix:///run/docker.sock",
                "--pidfile", files.lock, "--cgroup-parent", files.controlGroup,
                // systemd would be asked for a control group in which to put processes that it sees by other numbers.
                "--exec-opt", "native.cgroupdriver=cgroupfs", "--storage-driver", "overlay2",
            ],
            log: files.log
        )
    }

    /// `/run` is hidden because engine and containerd keep fixed paths in it, which the machine's own may use.
    ///
    /// The shell stays, so that an engine which is to be started anew (see `Sandbox.killEngine`) finds the namespaces of
    /// the one before it, and its containers in them.
    private static let enter = #"""
        mount -t tmpfs tmpfs /run
        ip link set lo up
        test -z "$4" || ip address add "$4/32" dev lo
        hostname "$5"
        machine=$1 number=$2 restart=$3
        shift 5
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
        try await poller.wait(for: "the first answer of \(files.name)'s engine", within: .seconds(60)) { await isReady }
    }

    var isReady: Bool {
        get async {
            let ping = HTTPRequest(
                .get,
                "http://docker/_ping",
                timeLimit: .seconds(2),
                peer: .unixSocket(path: files.socket)
            )
            return (try? await transport.send(ping, for: .engine))?.status == 200
        }
    }

    /// Makes it the manager of a swarm; one that is alone talks to itself.
    func initialiseSwarm(isAlone: Bool) async throws(SandboxError) {
        try await docker(["swarm", "init"] + addresses(isAlone ? "127.0.0.1" : files.address))
    }

    /// Makes it a worker.
    func join(_ manager: Engine) async throws(SandboxError) {
        let token = try await manager.docker(["swarm", "join-token", "--quiet", "worker"]).trimmed
        let target = "\(manager.files.address):2377"
        try await docker(["swarm", "join", "--token", token] + addresses(files.address) + [target])
    }

    private func addresses(_ own: String) -> [String] {
        ["--advertise-addr", own, "--listen-addr", "\(own):2377"]
    }

    /// Gives it images that another engine has, under their numbers there.
    func take(_ images: [String], from other: Engine) async throws(SandboxError) {
        let script = #"docker --host "$0" save "$@" | docker --host "$DOCKER_HOST" load --quiet"#
        let host = ["DOCKER_HOST=unix://\(files.socket)", "sh", "-ec", script, "unix://\(other.files.socket)"]
        try await programs.run(["env"] + host + images)
    }

    @discardableResult
    private func docker(_ arguments: [String]) async throws(SandboxError) -> String {
        try await programs.run(["/usr/bin/docker", "--host", "unix://\(files.socket)"] + arguments)
    }
}
