/// The Docker engines of a sandbox: one, or a Swarm's manager and its workers.
struct Cluster: Sendable {
    /// The manager first.
    let engines: [Engine]
    let network: VirtualNetwork
    let builder: ImageBuilder
    let isSwarm: Bool

    private var isAlone: Bool { engines.count == 1 }

    var services: [Service] { engines.map(\.service) + (isAlone ? [] : [network.service]) }

    /// Returns when all engines are ready.
    /// - Parameter landfall: the program that goes into an image for the other nodes.
    func start(_ steps: StartupLog, landfall: String) async throws {
        let (manager, workers) = (engines[0], Array(engines.dropFirst()))
        if !isAlone { for engine in engines { try await network.connect(engine.files) } }
        try await steps.measure("Docker engine") { try await manager.awaitReady() }
        if isSwarm { try await steps.measure("Swarm mode") { try await manager.initialiseSwarm(isAlone: isAlone) } }
        let images = [ImageRecipe.busybox, .nginx] + (isAlone ? [] : [.landfall(binary: landfall)])
        for image in images {
            try await steps.measure("image \(image.name)") { try await builder.build(image) }
        }
        guard !isAlone else { return }
        try await steps.measure("workers") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in workers {
                    group.addTask {
                        try await worker.awaitReady()
                        try await worker.join(manager)
                        try await worker.take(images.map(\.name), from: manager)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
