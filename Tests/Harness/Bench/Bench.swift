import Sandbox

/// All measurements, one after the other, so that none disturbs another.
struct Bench {
    static let times = 5
    private static let fewHosts = 10
    private static let manyHosts = 50
    private static let manyRuns = 200

    private let fixture: BenchFixture

    init(_ fixture: BenchFixture) { self.fixture = fixture }

    /// - Parameter measures: what is measured, also when a later part fails.
    func run(into measures: inout [Measure]) async throws {
        say("event → debounce")
        measures += try await EventDelay(fixture: fixture).measure()
        say("a file of events → debounce")
        measures += try await Decoding(fixture: fixture).measure(times: Self.times)
        say("declarations of proxies")
        measures += try await Declaring.measure(fixture, times: Self.times)
        say("the status page")
        measures += try await StatusCost().measure(times: Self.times)
        say("replay")
        measures += try await Replaying(fixture: fixture).measure(times: Self.times)
        say("many records")
        measures += try await RecordCosts(fixture: fixture).measure(times: Self.times)
        say("hostile services")
        measures.append(try await HostileServices(fixture: fixture).measure())
        say("many certificates")
        measures += try await ManyCertificates(fixture: fixture).measure(times: Self.times)
        try await deploy("few", hosts: Self.fewHosts)
        measures += try await DaemonUnderTest.run(at: fixture) { daemon in
            say("the first run, \(Self.fewHosts) hosts")
            try await daemon.awaitRuns(1)
            try await daemon.settle()
            return try await watched(daemon)
        }
        say("recording")
        measures += try await RecordingCost(fixture: fixture).measure(hosts: Self.manyHosts)
        say("from a proxy's labels to a name")
        measures += try await SourceDelay(fixture: fixture).measure(times: Self.times)
        say("signals")
        measures += try await SignalDelays(fixture: fixture).measure(times: Self.times)
        say("start-ups")
        measures += try await Runs(fixture: fixture).startUps(times: Self.times)
        measures.append(try await Runs(fixture: fixture).binarySize())
        say("the image")
        measures += try await [Runs(fixture: fixture).imageSize()].compactMap(\.self)
        // Last, because they use up what Cloudflare allows in five minutes.
        say("\(Self.manyRuns) runs")
        measures += try await DaemonUnderTest.run(at: fixture) { daemon in
            try await daemon.awaitRuns(1)
            try await daemon.settle()
            return [try await Runs(fixture: fixture).memory(of: daemon, afterRuns: Self.manyRuns)]
        }
    }

    private func watched(_ daemon: DaemonUnderTest) async throws -> [Measure] {
        say("idle")
        let idle = Idle(fixture: fixture, daemon: daemon)
        var measures = try await idle.measure(after: "a run for \(Self.fewHosts) new hosts")
        let proxy = try await Proxy.deploy(at: fixture)
        let certbot = try await BareCertbot.prepare(at: fixture)
        try await daemon.settle()
        measures =
            try await Burst(fixture: fixture, daemon: daemon, proxy: proxy, certbot: certbot)
            .measure(times: Self.times) + measures
        measures += try await Certificates(fixture: fixture, daemon: daemon, certbot: certbot).measure(
            times: Self.times
        )
        say("\(Self.manyHosts) hosts")
        let before = try daemon.runs.count
        try await deploy("more", hosts: Self.manyHosts - Self.fewHosts)
        try await daemon.awaitRuns(before + 1)
        try await daemon.settle()
        measures += try await Runs(fixture: fixture).measure(daemon, hosts: Self.manyHosts, times: Self.times)
        return try await measures + idle.measure(after: "all of the above")
    }

    /// A service without containers that asks for many hosts.
    private func deploy(_ name: String, hosts: Int) async throws {
        let names = (1...hosts).map { "\(name)-\($0)" }.joined(separator: ",")
        try await fixture.sandbox.docker(
            ["service", "create", "--detach", "--no-resolve-image", "--replicas", "0", "--name", name]
                + ["--label", "landfall.host=\(names)", ImageRecipe.busybox.name]
        )
    }
}
