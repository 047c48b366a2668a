import Model
import Ports
import Sandbox

/// What a run costs that finds a thousand certificates, none of which is due.
struct ManyCertificates {
    private static let count = 1000
    private static let zone = "DEFAULT_DOMAIN"

    let fixture: BenchFixture

    /// It has a store and a state of its own, and no way to any program: its runs are clean without one.
    func measure(times: Int) async throws -> [Measure] {
        try await fill()
        let names = (0..<Self.count).map { "held-\($0)" }.joined(separator: ",")
        let service = "held"
        try await fixture.sandbox.docker(
            ["service", "create", "--detach", "--no-resolve-image", "--replicas", "0", "--name", service]
                + ["--label", "landfall.host=\(names)", ImageRecipe.busybox.name]
        )
        let changes = [
            "CERTBOT_CONFIG_DIR": store, "LANDFALL_STATE_DIR": "\(fixture.folder)/held-state", "LANDFALL_DNS": "off",
            "PATH": "/nowhere",
        ]
        var (first, later): ([Double], [Double]) = ([], [])
        for _ in 1...times {
            let runs = try await DaemonUnderTest.run(at: fixture, changes: changes) { daemon in
                for count in 1...3 {
                    try await daemon.awaitRuns(count)
                    if count < 3 {
                        let environment = fixture.environment.values.merging(changes) { $1 }
                        try await fixture.time([fixture.landfall, "once"], environment: environment)
                    }
                }
                return try daemon.runs
            }
            guard runs.allSatisfy(\.isClean) else { throw BenchError("a run over \(Self.count) certificates failed") }
            first.append(runs[0].duration)
            later += runs.dropFirst().map(\.duration)
        }
        try await fixture.sandbox.docker(["service", "rm", service])
        return [
            Measure("run over \(Self.count) certificates not due", .seconds, later, .atMost(0.3)),
            Measure("… the first one of a process, which opens them all", .seconds, first),
        ]
    }

    private var store: String { "\(fixture.folder)/held" }

    /// One certificate for all of them, a thousand times; with its own again as the chain, which is as much to read.
    private func fill() async throws {
        let zone = try fixture.setting(Self.zone)
        let script = """
            set -e; rm -rf \(store); mkdir -p \(store)/live \(store)/archive \(store)/renewal; cd \(store)
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /CN=held \
                -addext 'subjectAltName=DNS:*.\(zone)' -keyout key.pem -out leaf.pem 2>/dev/null
            cat leaf.pem leaf.pem >chain.pem
            touch --date '1 hour ago' chain.pem key.pem
            i=0
            while [ $i -lt \(Self.count) ]; do
                name=held-$i.\(zone); i=$((i+1))
                mkdir archive/$name live/$name
                cp -p chain.pem archive/$name/fullchain1.pem; cp -p key.pem archive/$name/privkey1.pem
                ln -s ../../archive/$name/fullchain1.pem live/$name/fullchain.pem
                ln -s ../../archive/$name/privkey1.pem live/$name/privkey.pem
                printf '[renewalparams]\\nserver = %s\\n' "$CERTBOT_SERVER" >renewal/$name.conf
            done
            find renewal -name '*.conf' -exec touch --date '1 hour ago' '{}' +
            """
        try await fixture.output(
            of: ["/bin/sh", "-c", script],
            environment: ["PATH": "/usr/bin:/bin", "CERTBOT_SERVER": try fixture.setting("CERTBOT_SERVER")]
        )
    }
}
