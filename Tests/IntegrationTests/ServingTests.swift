import Certificates
import Model
import Ports
import Processes
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct ServingTests {
        @Test func `what is issued but not served is told, and that it is served in the end`() async throws {
            try await SandboxFixture.use { fixture in
                let address = try #require(fixture.access.variables["LANDFALL_SANDBOX_ADDRESS"])
                let place = "\(address):14433"
                let old = try await fixture.makeCertificate("old")
                let host = fixture.host("web")
                try await serving(old, at: place) {
                    try await fixture.start(["LANDFALL_PROBE": place])
                    try await fixture.createService("web", ["landfall.host": host])
                    try await fixture.awaitMessage(about: "issued, but not served")
                }
                let live = "\(fixture.certificates)/live/\(host)"
                try await serving(("\(live)/fullchain.pem", "\(live)/privkey.pem"), at: place) {
                    try await eventually("word that it is served") {
                        try await fixture.runOnce()
                        return try await !fixture.messages(about: "\(place) serves the certificate").isEmpty
                    }
                }
            }
        }

        /// Serves a certificate while `body` runs.
        private func serving(
            _ files: (certificate: String, key: String),
            at place: String,
            _ body: () async throws -> Void
        ) async throws {
            let request = ProcessRequest(
                [
                    "openssl", "s_server", "-quiet", "-www", "-accept", place, "-cert", files.certificate, "-key",
                    files.key,
                ],
                environment: ["PATH": "/usr/bin:/bin"],
                timeLimit: .seconds(120).scaledToLoad
            )
            let server = Task { try await SpawnRunner().run(request, for: .run) }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            server.cancel()
            _ = try? await server.value
            try result.get()
        }
    }
}

extension SandboxFixture {
    /// A certificate that nobody issued.
    fileprivate func makeCertificate(_ name: String) async throws -> (certificate: String, key: String) {
        let files = (certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let request = ProcessRequest(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                + ["-keyout", files.key, "-out", files.certificate, "-days", "9", "-subj", "/CN=old"],
            environment: ["PATH": "/usr/bin:/bin"],
            timeLimit: .seconds(30).scaledToLoad
        )
        #expect(try await SpawnRunner().run(request, for: .run).end == .exited(0))
        return files
    }
}
