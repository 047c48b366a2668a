/// What one engine of the sandbox keeps in the sandbox's folder.
struct EngineFiles: Sendable {
    let folder: SandboxFolder
    /// 1 is the manager, beside which Landfall runs.
    let node: Int

    init(_ folder: SandboxFolder, node: Int) { (self.folder, self.node) = (folder, node) }

    /// As its Swarm calls it.
    var name: String { "node\(node)" }
    /// In the network of `VirtualNetwork`.
    var address: String { "198.18.0.\(node)" }

    var socket: String { "\(folder)/docker\(suffix).sock" }
    /// Whose network namespace is the engine's: the number of its process.
    var pid: String { "\(folder)/engine\(suffix).pid" }
    /// There while an engine that ends is to be started anew.
    var restart: String { "\(folder)/engine\(suffix).restart" }
    var data: String { "\(folder)/data\(suffix)" }
    var execution: String { "\(folder)/x\(suffix)" }
    var lock: String { "\(folder)/dockerd\(suffix).pid" }
    var log: String { folder.log("engine\(suffix)") }
    var controlGroup: String { "/\(folder.controlGroup)\(node == 1 ? "" : "-\(node)")" }

    /// Short, for a socket's path has an end.
    private var suffix: String { node == 1 ? "" : String(node) }
}
