import Files
import FoundationEssentials
import Model
import Ports
import Sandbox

/// What runs cost that find everything as it should be.
struct Runs {
    let fixture: BenchFixture

    func measure(_ daemon: DaemonUnderTest, hosts: Int, times: Int) async throws -> [Measure] {
        var (once, plan): ([Double], [Double]) = ([], [])
        let before = try daemon.runs.count
        for _ in 1...times {
            once.append(try await time("once"))
            plan.append(try await time("plan"))
        }
        let runs = try daemon.runs.dropFirst(before).map { $0.duration * 1000 }
        return [
            Measure("run without changes, \(hosts) hosts", .milliseconds, runs),
            Measure("`landfall once` at a daemon", .milliseconds, once),
            Measure("`landfall plan`", .milliseconds, plan),
        ]
    }

    /// Starts a daemon again and again, and the program for the least that it can do: certbot starts it twice for each
    /// name, as its hook.
    func startUps(times: Int) async throws -> [Measure] {
        var (starts, ready, least): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 1...times {
            let start = try await DaemonUnderTest.run(at: fixture) { daemon in
                try await daemon.awaitRuns(1)
                return (daemon.startUp, daemon.ready)
            }
            starts.append(start.0.inMilliseconds)
            ready.append(start.1.inMilliseconds)
            least.append(try await time("version"))
        }
        return [
            Measure("start of the program → first run", .milliseconds, starts),
            Measure("start of the program → ready", .milliseconds, ready, .atMost(150)),
            Measure("`landfall version`, from start to end", .milliseconds, least),
        ]
    }

    func binarySize() async throws -> Measure {
        let stripped = "\(fixture.folder)/stripped"
        try await fixture.time(["strip", "-o", stripped, fixture.landfall], environment: ["PATH": "/usr/bin:/bin"])
        let size = try SystemFiles().information(stripped, for: .run).size
        return Measure("the program, stripped", .megabytes, [Double(size) / Double(1 << 20)])
    }

    /// What a daemon holds that has run very often.
    func memory(of daemon: DaemonUnderTest, afterRuns times: Int) async throws -> Measure {
        try await daemon.runAgain(times: times)
        let resident = try ProcessFigures(of: daemon.pid).resident
        return Measure(
            "resident after \(times) more runs",
            .megabytes,
            [Double(resident) / Double(1 << 20)],
            .atMost(20)
        )
    }

    /// Nil where there is nothing to build the image from: `make mirror`.
    func imageSize() async throws -> Measure? {
        let (mirror, checkout) = (PackageMirror.standard, FileManager.default.currentDirectoryPath)
        guard mirror.isThere, FileManager.default.fileExists(atPath: "\(checkout)/.build/image/landfall") else {
            say("the image is not measured: `make release mirror` makes what it is built from")
            return nil
        }
        let (name, sandbox) = ("landfall-bench/image", fixture.sandbox)
        try await mirror.buildLandfall(name, on: sandbox, checkout: checkout, scratch: fixture.folder)
        let size = try await sandbox.docker(["image", "inspect", "--format", "{{.Size}}", name]).trimmed
        // In the megabytes that `docker image ls` shows.
        return Measure("the image", .megabytes, [(Double(size) ?? .nan) / 1e6], .atMost(180))
    }

    private func time(_ command: String) async throws -> Double {
        try await fixture.time([fixture.landfall, command], environment: fixture.environment.values).inMilliseconds
    }
}
