import Ports

/// Starts a sandbox that outlives its starter.
///
/// The sandbox is a process namespace: its first process is a small shell, which starts the supervisor and waits for it.
/// When that shell ends, for whatever reason, the kernel ends every process in the namespace (pid_namespaces(7)), and with
/// them go their mounts and network namespaces. So there is nothing that could be left running, and one process to end.
struct Launcher: Sendable {
    let folder: SandboxFolder
    let programs: ProgramRunner

    /// - Parameter supervisor: the program and its arguments.
    func launch(_ supervisor: [String]) async throws(SandboxError) {
        try await programs.run(
            ["setsid", "--fork", "sh", "-c", Self.detach, "launch", folder.log("supervisor")]
                + ["unshare", "--pid", "--fork", "sh", "-c", Self.first, "sandbox", folder.process, folder.machine]
                + [Self.inside] + supervisor
        )
    }

    private static let detach = #"log=$1; shift; exec "$@" >"$log" 2>&1 </dev/null"#

    /// The shell reads its own number as the machine sees it, for /proc is still that of the machine.
    private static let first = #"""
        read -r boot </proc/sys/kernel/random/boot_id
        read -r stat </proc/self/stat
        printf '%s\n%s\n' "$boot" "$stat" >"$1.new" && mv "$1.new" "$1"
        shift
        unshare --mount --propagation slave sh -ec "$2" "$@" &
        wait $!
        """#

    /// From here on /proc is that of the sandbox: Swift's runtime looks up its own threads there, and dies when it does not
    /// find them. What the machine's shows is beside it.
    private static let inside = #"""
        mkdir "$0"
        mount --bind /proc "$0"
        mount -t proc proc /proc
        shift
        exec "$@"
        """#
}
