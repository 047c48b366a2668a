import Model
import Ports
import Synchronization

/// certbot's version; asked for only where something depends on it, and once.
final class CertbotVersion: Sendable {
    /// Profiles came with it (https://github.com/certbot/certbot/releases/tag/v4.0.0).
    private static let firstWithProfiles = 4

    private let settings: CertbotSettings
    private let processes: any ProcessRunner
    private let known = Mutex<String?>(nil)

    init(settings: CertbotSettings, processes: any ProcessRunner) {
        (self.settings, self.processes) = (settings, processes)
    }

    /// Why what is configured cannot be had of this certbot; nil when it can.
    func objection() async -> CertbotFailure? {
        guard settings.options.profile != nil else { return nil }
        do throws(CertbotFailure) {
            let version = try await version()
            let major = version.split(separator: ".").first.flatMap { Int($0) } ?? 0
            guard major < Self.firstWithProfiles else { return nil }
            let reason = "CERTBOT_PROFILE needs certbot 4.0 or newer, and \(settings.program) is \(version)"
            return CertbotFailure(reason, costsNothing: true)
        } catch {
            return error
        }
    }

    private func version() async throws(CertbotFailure) -> String {
        if let version = known.withLock(\.self) { return version }
        let request = ProcessRequest(
            [settings.program, "--version"],
            environment: CertbotCommand.environment(home: settings.stateDirectory, settings),
            timeLimit: settings.timeLimit
        )
        let result: ProcessResult
        do throws(ProcessError) {
            result = try await processes.run(request, for: .run)
        } catch {
            throw CertbotFailure("\(error)", costsNothing: true)
        }
        // "certbot 5.8.0"
        let words = (result.outputText + result.errorText).split(whereSeparator: \.isWhitespace)
        guard result.end == .exited(0), words.first == "certbot", let version = words.dropFirst().first else {
            throw CertbotFailure("\(settings.program) does not tell its version", costsNothing: true)
        }
        known.withLock { $0 = String(version) }
        return String(version)
    }
}
