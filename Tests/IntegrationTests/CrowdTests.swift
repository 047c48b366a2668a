import Model
import Ports
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct CrowdTests {
        private static let count = TestScale.isFull ? 200 : 20

        @Test func `many containers on a node are each signalled once, with a word on each`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.settle()
                let folder = "\(fixture.folder)/crowd"
                try await fixture.createCrowd(Self.count, folder)
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                let report = try await fixture.command("once", "--json").outputText
                #expect(report.count(of: "\"signalled\"") == Self.count)
                let issued = try #require(Disk.modified("\(fixture.certificates)/live/\(host)/fullchain.pem"))
                try await eventually("the signals") { fixture.signals(in: folder).count == Self.count }
                let last = Disk.names(in: folder).compactMap { Disk.modified("\(folder)/\($0)") }.max()
                print("\(Self.count) containers: \((try #require(last) - issued).readable)")
                try await fixture.runOnce()
                #expect(fixture.signals(in: folder).allSatisfy { $0 == 1 })
            }
        }
    }
}

extension SandboxFixture {
    /// Containers that wait for signals as proxies do, each with a file of its own.
    fileprivate func createCrowd(_ count: Int, _ folder: String) async throws {
        try Disk.makeFolder(folder)
        let script = """
            file=/heard/$(hostname)
            trap 'echo HUP >>$file' HUP
            trap 'exit 0' TERM
            sleep 86400 &
            touch $file
            while :; do wait $!; done
            """
        try await create(
            "crowd-\(token)",
            ["--replicas", "\(count)", "--container-label", "landfall.signal=HUP"]
                + ["--mount", "type=bind,source=\(folder),target=/heard"],
            ["sh", "-c", script]
        )
        try await eventually("the crowd", within: .seconds(240)) { Disk.names(in: folder).count == count }
    }

    /// Of each container that got any.
    fileprivate func signals(in folder: String) -> [Int] {
        Disk.names(in: folder).compactMap { Disk.text("\(folder)/\($0)")?.split(separator: "\n").count }
            .filter { $0 > 0 }
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
