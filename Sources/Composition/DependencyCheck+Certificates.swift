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
            if let reason = profileReason(directory: response) { throw UserFacingError(reason) }
            let limits = configuration.certificates.limits ?? .standard(of: server)
            return "\(server); rate limits: \(limits)"
        }
    }

    /// Why no order can have the profile of CERTBOT_PROFILE, as far as the directory says it.
    private func profileReason(directory: HTTPResponse) -> String? {
        let meta = (try? decodeJSON(JSONValue.self, from: directory.body))?["meta"]
        guard let profile = configuration.certificates.options.profile, case .object(let offered)? = meta?["profiles"],
            offered[profile] == nil
        else { return nil }
        let list = named(offered.keys.sorted().map { sanitized($0, limit: 60) })
        return "the authority does not offer the profile `\(profile)` of CERTBOT_PROFILE, only \(list)"
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
            if configuration.certificates.options.profile != nil, !CertbotSettings.knowsProfiles(output) {
                throw UserFacingError("CERTBOT_PROFILE needs certbot 4.0 or newer, but this is \(output)")
            }
            return output
        }
    }
}
