import Glibc
import Ports
import Sandbox
import Testing

/// Signals in a Swarm of three nodes, of which Landfall runs on the first.
@Suite(
    .serialized,
    .enabled(if: SandboxAccess.current != nil, "needs root and the sandbox: `landfall-sandbox exec -- swift test`"),
    .timeLimit(.minutes(3)),
    ClusterWorld()
)
struct ClusterTests {
    @Test func `a certificate is told to every task on every node, once`() async throws {
        try await SandboxFixture.playOnThreeNodes { scene in
            let proxies = try await scene.createGlobalListener()
            try await scene.start()
            try await scene.createService("web", ["landfall.host": scene.host("web")])
            try await until("the signals") { proxies.allSatisfy { $0.signals > 0 } }
            try await scene.runOnce()
            #expect(proxies.map(\.signals) == [1, 1, 1])
            #expect(try await scene.helpers().isEmpty)
        }
    }

    @Test func `a container that names its hosts hears of no other`() async throws {
        try await SandboxFixture.playOnThreeNodes { scene in
            try await scene.settle()
            let other = try await scene.createGlobalListener(
                "other",
                labels: ["landfall.signal.hosts=\(scene.host("b"))"]
            )
            let proxies = try await scene.createGlobalListener()
            try await scene.createService("web", ["landfall.host": scene.host("a")])
            try await scene.settle()
            #expect(proxies.map(\.signals) == [1, 1, 1])
            #expect(other.map(\.signals) == [0, 0, 0])
        }
    }

    @Test func `a node without the image and one that is paused are named, and caught up`() async throws {
        try await SandboxFixture.playOnThreeNodes { scene in
            try await scene.settle()
            let proxies = try await scene.createGlobalListener()
            let sandbox = scene.world.sandbox
            let archive = "\(scene.folder)/landfall.tar"
            try await sandbox.docker(["save", "--output", archive, "landfall-test/landfall"])
            try await sandbox.docker(["image", "rm", "--force", "landfall-test/landfall"], onNode: 2)
            try await sandbox.docker(["node", "update", "--availability", "pause", "node3"])
            try await scene.createService("web", ["landfall.host": scene.host("web")])
            let report = try await scene.report()
            #expect(report.contains("owed: the helper was not able to run on node node2: "))
            #expect(report.contains("owed: node node3 is paused"))
            #expect(proxies.map(\.signals) == [1, 0, 0])

            try await sandbox.docker(["load", "--input", archive], onNode: 2)
            try await sandbox.docker(["node", "update", "--availability", "active", "node3"])
            try await scene.settle()
            #expect(proxies.map(\.signals) == [1, 1, 1])
        }
    }

    @Test func `Landfall killed while a node hangs is caught up, and its helper swept but nobody else's service`()
        async throws
    {
        try await SandboxFixture.playOnThreeNodes { scene in
            try await scene.settle()
            let proxies = try await scene.createGlobalListener()
            let host = scene.host("web")
            let others = ["landfall_web-\(scene.token)", "landfall-signal-\(scene.token)"]
            for name in others { try await scene.createNamed(name) }
            let landfall = try await scene.launch()
            try await scene.world.sandbox.stopEngine(ofNode: 3)
            try await scene.createService("web", ["landfall.host": host])
            let helper = try await awaited("the helper") {
                try await scene.helpers().first { !others.contains($0) }
            }
            landfall.signal(SIGKILL)
            try await landfall.ended()

            let report = try await scene.report()
            #expect(report.contains("node node3"))
            let left = try await scene.serviceNames()
            #expect(!left.contains(helper))
            #expect(others.allSatisfy(left.contains))
            #expect(proxies[..<2].allSatisfy { $0.signals > 0 })

            try scene.world.sandbox.resumeEngine(ofNode: 3)
            let changed = try #require(Disk.modified("\(scene.certificates)/live/\(host)/fullchain.pem"))
            try await until("node 3 to be caught up") {
                try await scene.runOnce()
                return proxies[2].lastReading.map { $0 > changed } ?? false
            }
            try await until("a helper that is gone") {
                try await scene.helpers().filter { !others.contains($0) }.isEmpty
            }
        }
    }

    @Test func `without an image for other nodes, what is owed there is told with what to do`() async throws {
        try await SandboxFixture.playOnThreeNodes { scene in
            try await scene.command("once", changes: ["LANDFALL_HELPER_IMAGE": ""])
            let proxies = try await scene.createGlobalListener()
            try await scene.createService("web", ["landfall.host": scene.host("web")])
            let result = try await scene.command("once", "--json", changes: ["LANDFALL_HELPER_IMAGE": ""])
            #expect(result.outputText.contains("set LANDFALL_HELPER_IMAGE"))
            #expect(proxies.map(\.signals) == [1, 0, 0])
            let off = try await scene.command("once", "--json", changes: ["LANDFALL_CROSS_NODE": "off"])
            #expect(off.end == .exited(0))
            #expect(!off.outputText.contains("owed"))
        }
    }
}

extension SandboxFixture {
    /// Makes a service of somebody else's, which has no task.
    fileprivate func createNamed(_ name: String) async throws {
        try await create(name, ["--replicas", "0"], ["sleep", "86400"])
    }
}
