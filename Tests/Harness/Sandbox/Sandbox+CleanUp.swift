import Files
import Model
import Ports

/// Making and removing a sandbox's folder, and what lies outside it: the address, and the control groups.
extension Sandbox {
    func prepare() throws(SandboxError) {
        for directory in [folder.path, "\(folder)/log", folder.certificates, folder.state] {
            try TextFile.makeDirectory(directory)
        }
        try TextFile.write("", to: folder.marker)
        try TextFile.write("{}\n", to: "\(folder)/dockerd.json")
    }

    /// Ends what runs and removes what is left of a sandbox, however that one ended; nothing when there is nothing.
    /// - Returns: whether there was anything.
    @discardableResult
    func clean() async throws(SandboxError) -> Bool {
        guard try holdsSandbox else { return false }
        if let first = ProcessIdentity.recorded(in: folder.process) { await first.end() }
        try await LoopbackAddress(folder: folder, programs: programs).release()
        // Children before parents; the engine was killed, so its containers' groups are still there.
        try await programs.run(
            ["find", "/sys/fs/cgroup", "-depth", "-type", "d", "-path", "*/\(folder.controlGroup)*"]
                + ["-exec", "rmdir", "{}", "+"]
        )
        // The marker goes last: a removal that is interrupted can then be taken up again.
        try await programs.run(
            ["find", folder.path, "-xdev", "-mindepth", "1", "-not", "-path", folder.marker, "-delete"]
        )
        try await programs.run(["rm", "--recursive", folder.path])
        _ = await programs.succeeds(["rmdir", "--ignore-fail-on-non-empty", SandboxFolder.base])
        return true
    }

    /// Cleans up, under the lock, after sandboxes whose processes were killed from outside.
    func sweep() async {
        let names = (try? SystemFiles().list(SandboxFolder.base, for: .run)) ?? []
        for name in names {
            let other = Sandbox(.fresh(token: name), clock: clock)
            if !other.isRunning { _ = try? await other.clean() }
        }
    }

    /// A folder that holds other things is not ours to use or to remove.
    private var holdsSandbox: Bool {
        get throws(SandboxError) {
            let names: [String]
            do {
                names = try SystemFiles().list(folder.path, for: .run)
            } catch .missing {
                return false
            } catch {
                throw .folder(folder.path, reason: "\(error)")
            }
            guard !names.isEmpty else { return false }
            let isOurs = (try? SystemFiles().information(folder.marker, for: .run)) != nil
            guard isOurs else { throw .folder(folder.path, reason: "is there already, and is no sandbox's folder") }
            return true
        }
    }
}
