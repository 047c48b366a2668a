import Glibc
import Ports
import Sandbox
import Model
import TestSupport
import Testing

/// Signals in a Swarm of three nodes, of which Landfall runs on the first.
@Suite(
    .serialized,
    .enabled(if: SandboxAccess.current != nil, "needs the sandbox: `make test`"),
    .limited(minutes: 3),
    ClusterSandbox()
)
struct ClusterTests {
    @Test func `a certificate is told to every task on every node, once`() async throws {
        try await SandboxFixture.useThreeNodes { fixture in
            let proxies = try await fixture.createGlobalReceiver()
            try await fixture.start()
            try await fixture.createService("web", ["landfall.host": fixture.host("web")])
            try await eventually("the signals") { proxies.allSatisfy { $0.signals > 0 } }
            try await fixture.runOnce()
            #expect(proxies.map(\.signals) == [1, 1, 1])
            #expect(try await fixture.helpers().isEmpty)
        }
    }

    @Test func `a container that names its hosts hears of no other`() async throws {
        try await SandboxFixture.useThreeNodes { fixture in
            try await fixture.settle()
            let other = try await fixture.createGlobalReceiver(
                "other",
                labels: ["landfall.signal.hosts=\(fixture.host("b"))"]
            )
            let proxies = try await fixture.createGlobalReceiver()
            try await fixture.createService("web", ["landfall.host": fixture.host("a")])
            try await fixture.settle()
            #expect(proxies.map(\.signals) == [1, 1, 1])
            #expect(other.map(\.signals) == [0, 0, 0])
        }
    }

    @Test func `a node without the image and one that is paused are named, and caught up`() async throws {
        try await SandboxFixture.useThreeNodes { fixture in
            try await fixture.settle()
            let proxies = try await fixture.createGlobalReceiver()
            let sandbox = fixture.access.sandbox
            let archive = "\(fixture.folder)/landfall.tar"
            try await sandbox.docker(["save", "--output", archive, "landfall-test/landfall"])
            try await sandbox.docker(["image", "rm", "--force", "landfall-test/landfall"], onNode: 2)
            try await sandbox.docker(["node", "update", "--availability", "pause", "node3"])
            try await fixture.createService("web", ["landfall.host": fixture.host("web")])
            let report = try await fixture.report()
            #expect(report.contains("pending: the helper could not run on node node2: "))
            #expect(report.contains("pending: node node3 is paused"))
            #expect(proxies.map(\.signals) == [1, 0, 0])

            try await sandbox.docker(["load", "--input", archive], onNode: 2)
            try await sandbox.docker(["node", "update", "--availability", "active", "node3"])
            try await fixture.settle()
            #expect(proxies.map(\.signals) == [1, 1, 1])
        }
    }

    @Test func `Landfall killed while a node hangs is caught up, and its helper swept but nobody else's service`()
        async throws
    {
        try await SandboxFixture.useThreeNodes { fixture in
            try await fixture.settle()
            let proxies = try await fixture.createGlobalReceiver()
            let host = fixture.host("web")
            let others = ["landfall_web-\(fixture.token)", "landfall-signal-\(fixture.token)"]
            for name in others { try await fixture.createNamed(name) }
            let landfall = try await fixture.launch()
            try await fixture.access.sandbox.stopEngine(ofNode: 3)
            try await fixture.createService("web", ["landfall.host": host])
            let helper = try await eventually("the helper") {
                try await fixture.helpers().first { !others.contains($0) }
            }
            landfall.signal(SIGKILL)
            try await landfall.ended()

            let report = try await fixture.report()
            // After three missed heartbeats the Swarm gives the node up; its container is then replaced, not signalled.
            let node = ["node", "inspect", "--format", "{{.Status.State}}", "node3"]
            let isLost = try await fixture.access.sandbox.docker(node).trimmed == "down"
            #expect(isLost || report.contains("node node3"))
            let left = try await fixture.serviceNames()
            #expect(!left.contains(helper))
            #expect(others.allSatisfy(left.contains))
            #expect(proxies[..<2].allSatisfy { $0.signals > 0 })

            try fixture.access.sandbox.resumeEngine(ofNode: 3)
            let changed = try #require(Disk.modified("\(fixture.certificates)/live/\(host)/fullchain.pem"))
            try await eventually("node 3 to be caught up") {
                try await fixture.runOnce()
                return proxies[2].lastReading.map { $0 > changed } ?? false
            }
            try await eventually("a helper that is gone") {
                try await fixture.helpers().filter { !others.contains($0) }.isEmpty
            }
        }
    }

    @Test func `without an image for other nodes, what is owed there is told with what to do`() async throws {
        try await SandboxFixture.useThreeNodes { fixture in
            try await fixture.command("once", changes: ["LANDFALL_HELPER_IMAGE": ""])
            let proxies = try await fixture.createGlobalReceiver()
            try await fixture.createService("web", ["landfall.host": fixture.host("web")])
            let result = try await fixture.command("once", "--json", changes: ["LANDFALL_HELPER_IMAGE": ""])
            #expect(result.outputText.contains("set LANDFALL_HELPER_IMAGE"))
            #expect(proxies.map(\.signals) == [1, 0, 0])
            let off = try await fixture.command("once", "--json", changes: ["LANDFALL_CROSS_NODE": "off"])
            #expect(off.end == .exited(0))
            #expect(!off.outputText.contains("pending"))
        }
    }
}

extension SandboxFixture {
    /// Makes a service of somebody else's, which has no task.
    fileprivate func createNamed(_ name: String) async throws {
        try await create(name, ["--replicas", "0"], ["sleep", "86400"])
    }
}
