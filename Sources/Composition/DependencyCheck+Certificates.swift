import Certificates
import Configuration
import Model
import Ports
import Processes

extension DependencyCheck {
    func checkAuthority() async -> Finding? {
        guard configuration.certificates.isOn else { return nil }
        let server = configuration.certificates.server
        let fix =
            "check CERTBOT_SERVER and the connection to it; an authority with a private certificate needs LANDFALL_CA_FILE"
        return await finding("ACME", fix: fix) {
            let response = try await transport.send(HTTPRequest(.get, server), for: .run)
            guard response.status == 200, response.text.contains("newOrder") else {
                throw UserFacingError("\(server) answered \(response.status) and is not an ACME directory")
            }
            let limits = configuration.certificates.limits ?? .standard(of: server)
            return "\(server); rate limits: \(limits)"
        }
    }

    func checkCertbot() async -> Finding? {
        guard configuration.certificates.isOn else { return nil }
        return await finding("certbot", fix: "install it (`apt install certbot`), or use the image, which includes it")
        {
            let request = ProcessRequest(
                [configuration.certificates.program, "--version"],
                environment: ["PATH": CertbotSettings.searchPath],
                timeLimit: .seconds(30)
            )
            let result = try await SpawnRunner().run(request, for: .run)
            let output = sanitized(
                (result.outputText + result.errorText).split(separator: "\n").last ?? "nothing",
                limit: 100
            )
            guard result.end == .exited(0) else { throw UserFacingError("it does not run; it prints: \(output)") }
            return output
        }
    }
}
