import Ports
import Sandbox
import Synchronization
import TestSupport
import Testing

/// Certificates that reach other nodes through the Swarm's own store.
extension ClusterTests {
    @Test func `a certificate reaches every node as a secret, and again when a stack was deployed without it`()
        async throws
    {
        try await SandboxFixture.useThreeNodes { fixture in
            let host = fixture.host("web")
            try await fixture.deploySecretStack(host, environment: "one")
            try await fixture.launch()
            let certificate = try await fixture.awaitCertificate(host)
            try await eventually("the files on every node") {
                fixture.secretFiles("tls.crt") == fixture.files("fullchain", host)
            }
            #expect(fixture.secretFiles("tls.key") == fixture.files("privkey", host))

            for node in 1...3 { Disk.remove("\(fixture.folder)/seen/node\(node)/tls.crt") }
            try await fixture.deploySecretStack(host, environment: "two")
            try await eventually("the files once more") {
                fixture.secretFiles("tls.crt") == fixture.files("fullchain", host)
            }
            #expect(fixture.certificate(host) == certificate)
        }
    }

    @Test func `an update that fails with the certificate is rolled back once, and told`() async throws {
        try await SandboxFixture.useThreeNodes { fixture in
            let service = try await fixture.createService(
                "picky",
                ["landfall.host": fixture.host("picky"), "landfall.secret": "tls"],
                replicas: 1,
                options: [
                    "--update-failure-action", "rollback", "--update-monitor", "1s", "--rollback-monitor", "1s",
                    "--restart-condition", "none",
                ],
                command: ["sh", "-c", "test ! -e /run/secrets/tls.crt && exec sleep 86400"]
            )
            try await eventually("the rollback to be told") {
                try await fixture.report().contains("was rolled back")
            }
            let version = try await fixture.docker("service", "inspect", "--format", "{{.Version.Index}}", service)
            for _ in 0..<2 { #expect(try await fixture.report().contains("was rolled back")) }
            #expect(
                try await fixture.docker("service", "inspect", "--format", "{{.Version.Index}}", service) == version
            )
        }
    }
}

extension SandboxFixture {
    /// The secrets that Landfall made.
    func landfallSecrets() async throws -> Int {
        try await docker("secret", "ls", "--quiet", "--filter", "label=landfall.secret.instance")
            .split(separator: "\n").count
    }

    /// A global service that copies its secrets to where the test sees them.
    func deploySecretStack(_ host: String, environment: String) async throws {
        for node in 1...3 { try Disk.makeFolder("\(folder)/seen/node\(node)") }
        let file = "\(folder)/stack.yml"
        try Disk.write(
            """
            version: '3.8'
            networks: { hostnet: { external: true, name: host } }
            services:
              web:
                image: \(ImageRecipe.busybox.name)
                command: [sh, -c, "cp /run/secrets/tls.* /seen; exec sleep 86400"]
                stop_grace_period: 100ms
                networks: [hostnet]
                environment: { GENERATION: \(environment) }
                volumes: ["\(folder)/seen/{{.Node.Hostname}}:/seen"]
                deploy:
                  mode: global
                  update_config: { parallelism: 3 }
                  labels: { landfall.host: \(host), landfall.secret: tls }
            """,
            to: file
        )
        services.withLock { if !$0.contains("\(token)_web") { $0.append("\(token)_web") } }
        try await docker("stack", "deploy", "--resolve-image", "never", "--compose-file", file, token)
    }

    /// What each node's container found.
    func secretFiles(_ name: String) -> [String?] {
        (1...3).map { Disk.text("\(folder)/seen/node\($0)/\(name)") }
    }

    /// What it should have found.
    func files(_ name: String, _ host: String) -> [String?] {
        [String?](repeating: Disk.text("\(certificates)/live/\(host)/\(name).pem"), count: 3)
    }
}
