import Files
import Model
import Ports
import Processes
import Report
import State
import Status
import TestSupport
import Testing

/// A damaged state store, and a full disk.
@Suite(.limited(minutes: 5)) struct HostileStateTests {
    private static let web = StubService("web", ["landfall.host": "www.example.test"])

    /// What happened to the store's file.
    enum Damage: String, CaseIterable, Sendable {
        case text = "is a text", noise = "has noise in the middle", cut = "was cut in half"
    }

    /// Writes noise over pages of a file that stays the same file.
    private func addNoise(to path: String, _ fixture: HostileFixture) async throws {
        let options = ["bs=1024", "seek=1", "count=15", "conv=notrunc", "status=none"]
        try await fixture.runProgram(["dd", "if=/dev/urandom", "of=\(path)"] + options)
    }

    private func damage(_ path: String, _ damage: Damage, _ fixture: HostileFixture) async throws {
        // Until the store is closed, all of it may be in the file beside it.
        try StateStore(path: path).commit(["test": ["a": String(repeating: "x", count: 50_000)]])
        switch damage {
        case .text: try await fixture.runProgram(["sh", "-c", #"yes "no database" | head -c 100000 >"$0""#, path])
        case .noise: try await addNoise(to: path, fixture)
        case .cut: try await fixture.runProgram(["truncate", "--size=20000", path])
        }
    }

    private func setAside(_ fixture: HostileFixture) throws -> [String] {
        try SystemFiles().list("\(fixture.path)/state", for: .run).filter { $0.hasPrefix("state.sqlite.damaged-") }
    }

    @Test(arguments: Damage.allCases)
    func `a damaged state store is set aside at the start, and Landfall works and says so`(kind: Damage) async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(Self.web)
            let daemon = try await fixture.start()
            try await fixture.stop(daemon)
            try await damage(fixture.statePath, kind, fixture)
            fixture.docker.set { $0.services.append(StubService("late", ["landfall.host": "late.example.test"])) }
            try await fixture.start()
            #expect(fixture.records == ["late", "www"].map { "A \($0).example.test \(fixture.publicAddress)" })
            #expect(try !setAside(fixture).isEmpty)
            let report = try await fixture.run()
            #expect(report.problems.contains { $0.stage == "state" && $0.text.contains("was damaged") })
            try await fixture.awaitMessage(about: "the state store was damaged")
            #expect(try await fixture.status().needsAttention.isEmpty == false)
        }
    }

    @Test func `a state store that is damaged while Landfall runs ends neither it nor its work`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            fixture.deploy(Self.web)
            let daemon = try await fixture.start(certbot.variables)
            for suffix in ["", "-wal"] { try await addNoise(to: fixture.statePath + suffix, fixture) }
            for number in 0..<3 {
                fixture.docker.set {
                    $0.services.append(StubService("s\(number)", ["landfall.host": "h\(number).example.test"]))
                }
                _ = try await fixture.run()
                #expect(fixture.records.contains("A h\(number).example.test \(fixture.publicAddress)"))
            }
            #expect(daemon.isRunning)
            #expect(try await fixture.askPage("/healthz").status == 200)
            try await fixture.stop(daemon)
            try await fixture.start(certbot.variables)
            #expect(fixture.records.count == 4)
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "no file system can be mounted here"))
    func `on a full disk Landfall starts, works and says so, and remembers once there is space`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.makeFolder("state")
            let disk = try SmallDisk(at: "\(fixture.path)/state", size: 1 << 20)
            defer { withExtendedLifetime(disk) {} }
            disk.fill("\(fixture.path)/state/filler")
            fixture.deploy(Self.web)
            let daemon = try await fixture.start()
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
            let full = try await fixture.run()
            #expect(full.problems.contains { $0.stage == "state" && $0.text.contains("cannot be written") })
            try await fixture.awaitMessage(about: "cannot be written")
            try SystemFiles().remove("\(fixture.path)/state/filler", for: .run)
            try await eventually("a clean run") { try await fixture.run().isClean }
            try await fixture.stop(daemon)
            let again = try await fixture.start()
            #expect(try await fixture.run().isClean)
            try await fixture.stop(again)
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "no file system can be mounted here"))
    func `a disk that becomes full while Landfall runs stops no record`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.makeFolder("state")
            let disk = try SmallDisk(at: "\(fixture.path)/state", size: 1 << 20)
            defer { withExtendedLifetime(disk) {} }
            fixture.deploy(Self.web)
            let daemon = try await fixture.start()
            disk.fill("\(fixture.path)/state/filler")
            fixture.docker.set { contents in
                contents.services += (0..<40).map { StubService("s\($0)", ["landfall.host": "h\($0).example.test"]) }
            }
            let report = try await fixture.run()
            #expect(fixture.records.count == 41, "\(report.problems)")
            #expect(daemon.isRunning)
            try await fixture.stop(daemon)
        }
    }
}
