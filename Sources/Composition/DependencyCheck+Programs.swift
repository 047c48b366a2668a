import Certificates
import Configuration
import Files
import Model
import Ports
import Processes
import Timing
import Transport

extension DependencyCheck {
    /// Whether certbot has the plugin that is to solve challenges. Nil where Landfall solves them itself.
    func checkPlugin() async -> Finding? {
        guard configuration.certificates.isOn, case .plugin(let plugin) = configuration.certificates.authenticator
        else { return nil }
        let fix =
            "install certbot-\(plugin.name) for the same Python as certbot (`apt install python3-certbot-\(plugin.name)`)"
        return await finding("certbot plugin", fix: fix) {
            // It asks for folders, and leaves them behind.
            let folder = "/tmp/landfall-check-\(SystemRandomness().token(bytes: 12, for: .run))"
            try SystemFiles().makeDirectory(folder, mode: 0o700, for: .run)
            defer { try? SystemFiles().remove(folder, for: .run) }
            let program = configuration.certificates.program
            let places = ["--config-dir", "--work-dir", "--logs-dir"].flatMap { [$0, folder] }
            let request = ProcessRequest(
                [program, "plugins", "--non-interactive"] + places,
                environment: ["PATH": CertbotSettings.searchPath],
                timeLimit: .seconds(30)
            )
            let result = try await SpawnRunner().run(request, for: .run)
            guard result.end == .exited(0) else {
                throw UserFacingError("certbot does not list its plugins: \(result.lastErrorLine ?? "no reason given")")
            }
            guard result.outputText.split(separator: "\n").contains("* \(plugin.name)") else {
                throw UserFacingError("certbot has no plugin \(plugin.name)")
            }
            return "\(plugin.name) is installed; its credentials were not tried, because only an order uses them"
        }
    }

    /// Whether something answers by TLS where certificates are looked for by default.
    func checkProbe() async -> Finding? {
        guard configuration.signals.isOn, let endpoint = configuration.signals.probe else { return nil }
        let fix = "set LANDFALL_PROBE to HOST:PORT of the proxy, as it is reached from here"
        return await finding("probe", fix: fix) {
            do throws(TransportError) {
                _ = try await CurlTLSProbe().certificate(for: endpoint.host, at: endpoint, for: .run)
            } catch {
                switch error {
                case .unreachable, .timedOut: throw UserFacingError("\(endpoint) does not answer: \(error)")
                // A proxy may well refuse a name that it has no certificate for.
                default: break
                }
            }
            return "\(endpoint) answers"
        }
    }

    /// Whether keys can be given to the group that is to read them. Nil where there is none.
    func checkKeyGroup() -> Finding? {
        guard configuration.certificates.isOn, let group = configuration.certificates.options.keyGroup else {
            return nil
        }
        let reason = SystemFiles.reasonAgainstGranting(to: group)
        return Finding("key group", reason == nil ? .ok : .failed, reason ?? "keys can be given to the group \(group)")
    }
}
