import FoundationEssentials
import Glibc
import Model
import Ports
import TestSupport
import Testing
import Timing

/// Where real runs are recorded for `Fixtures/recordings`.
enum ScenarioRecorder {
    /// Nil, and nothing is recorded, unless somebody wants that: `make fixtures`.
    static let folder = ProcessInfo.processInfo.environment["LANDFALL_SCENARIOS"]

    /// Landfall's own times, rather than the impatient ones of tests.
    private static let usual = ["LANDFALL_QUIET": "2s", "LANDFALL_INTERVAL": "5m"]

    /// Plays a scenario, and writes what Landfall records of it. A replay of that must come to the same decisions.
    ///
    /// - Parameters:
    ///   - before: what has happened when the recorded Landfall starts.
    ///   - act: what happens while it runs, once its first run is over.
    static func record(
        _ name: String,
        in access: SandboxAccess? = .current,
        _ changes: [String: String] = [:],
        endsAtRest: Bool = true,
        before: (SandboxFixture) async throws -> Void = { _ in },
        _ act: (SandboxFixture, LandfallProcess) async throws -> Void
    ) async throws {
        let folder = try #require(folder)
        try await SandboxFixture.use(in: access, named: name) { fixture in
            try await before(fixture)
            let settings = usual.merging(changes) { $1 }.merging(["LANDFALL_RECORD": fixture.recordings]) { $1 }
            let landfall = try await fixture.launch(settings)
            try await fixture.awaitRest()
            try await act(fixture, landfall)
            if endsAtRest { try await fixture.awaitRest() }
            landfall.signal(SIGTERM)
            #expect(try await landfall.ended() == .exited(0))

            #expect(Disk.names(in: fixture.recordings).count == 1)
            let file = "\(folder)/\(name).ndjson"
            try Disk.write(fixture.recording, to: file)
            let replay = try await fixture.command("replay", file)
            #expect(replay.end == .exited(0), "\(replay.outputText)\(replay.errorText)")
        }
    }
}

extension SandboxFixture {
    /// As long as nothing is recorded, nothing is under way.
    private static let rest = Duration.seconds(4)

    fileprivate var recordings: String { "\(folder)/recordings" }

    /// What Landfall recorded so far.
    var recording: String {
        Disk.names(in: recordings).first.flatMap { Disk.text("\(recordings)/\($0)") } ?? ""
    }

    /// Returns when every run that began is over, and nothing happens any more.
    fileprivate func awaitRest() async throws {
        var (seen, since) = (0, SystemClock().uptime)
        try await eventually("rest", within: .seconds(120)) {
            let (text, now) = (recording, SystemClock().uptime)
            if text.utf8.count != seen { (seen, since) = (text.utf8.count, now) }
            let runs = text.split(separator: #"{"decision":"#)
            let began = runs.count { $0.contains(#""content":{"began""#) }
            let open = began - runs.count { $0.contains(#""content":{"ended""#) }
            return seen > 0 && open == 0 && now - since > Self.rest
        }
    }
}
