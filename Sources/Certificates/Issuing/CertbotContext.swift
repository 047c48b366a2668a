import Model
import Ports
import Synchronization

struct CertbotPorts {
    let files: any Files
    let processes: any ProcessRunner
    let clock: any Clock
}

/// What every certbot for one ACME server has in common: settings, directories and ports. Runs certbot as a program.
final class CertbotContext: Sendable {
    /// For taking its challenges back after SIGTERM; with the solver's own removals it must fit into a shutdown's 8 s.
    private static let grace = Duration.seconds(4)
    private static let outputLimit = 256 << 10
    private static let logLimit = 4 << 20

    let settings: CertbotSettings
    let directories: CertbotDirectories
    let ports: CertbotPorts
    private let knownVersion = Mutex<String?>(nil)

    init(settings: CertbotSettings, ports: CertbotPorts) {
        (self.settings, self.ports) = (settings, ports)
        directories = CertbotDirectories(settings: settings, files: ports.files)
    }

    /// Runs certbot. Returns the error that its end, its output and its log show, though it may have succeeded; a
    /// failure if it was not started.
    func run(
        _ command: CertbotCommand,
        of names: [DomainName],
        in directory: CertbotDirectories.Private,
        for scope: Scope
    ) async -> Result<IssuanceError, IssuanceError> {
        let request = ProcessRequest(
            command.arguments,
            environment: command.environment,
            lock: directory.lock,
            timeLimit: settings.timeLimit,
            grace: Self.grace,
            outputLimit: Self.outputLimit
        )
        do throws(ProcessError) {
            let result = try await ports.processes.run(request, for: scope)
            return .success(error(in: result, of: names, directory, scope))
        } catch {
            return .failure(.free("\(error)"))
        }
    }

    private func error(
        in result: ProcessResult,
        of names: [DomainName],
        _ directory: CertbotDirectories.Private,
        _ scope: Scope
    ) -> IssuanceError {
        // The log is long, and not needed of a certbot that reports success.
        guard result.end != .exited(0) else { return parse(result, log: "").error(.unknown, for: names) }
        let log = log(in: directory, for: scope)
        let effect = CertbotErrorParser.effect(inLog: log)
        switch result.end {
        case .cancelled:
            return IssuanceError("Landfall stopped while certbot was running", isFree: true, effect: effect)
        case .timedOut:
            let reason = "certbot took longer than \(settings.timeLimit.readable) and was terminated"
            return IssuanceError(reason, effect: effect)
        case .signalled(let signal): return IssuanceError("certbot was terminated by signal \(signal)", effect: effect)
        case .exited: break
        }
        let parsed = parse(result, log: log ?? "")
        if let hold = RateLimitHold(answer: parsed.text, to: names, now: ports.clock.now) {
            let failed = hold.subject.kind == .failures ? hold.subject.names : []
            return IssuanceError(
                parsed.text,
                effect: .limited(hold),
                cause: failed.isEmpty ? .unknown : .names(failed)
            )
        }
        return parsed.error(parsed.failed.isEmpty ? effect : .order(failed: parsed.failed), for: names)
    }

    private func parse(_ result: ProcessResult, log: String) -> CertbotErrorParser {
        CertbotErrorParser(
            output: result.outputText,
            error: result.errorText,
            log: log,
            proxy: ProxyEnvironment(settings.environment).variable(forURL: settings.server)
        )
    }

    /// Empty where certbot ended before it began one; nil where it cannot be read.
    private func log(in directory: CertbotDirectories.Private, for scope: Scope) -> String? {
        do throws(FileError) {
            return try ports.files.text(of: directory.log, limit: Self.logLimit, for: scope)
        } catch .missing {
            return ""
        } catch {
            return nil
        }
    }
}

extension CertbotSettings {
    /// Whether a certbot that calls itself this, `certbot 5.8.0`, knows profiles
    /// (https://github.com/certbot/certbot/releases/tag/v4.0.0).
    package static func knowsProfiles(_ version: String) -> Bool {
        let number = version.split(separator: " ").last?.split(separator: ".").first
        return number.flatMap { Int($0) }.map { $0 >= 4 } ?? false
    }
}

extension CertbotContext {
    /// Throws what this certbot is too old for. Its version is asked for only where something depends on it, and once.
    ///
    /// - Parameter profile: that a label names.
    func checkVersion(profile: String?) async throws(IssuanceError) {
        guard profile != nil || settings.options.profile != nil else { return }
        let version = try await version()
        guard !CertbotSettings.knowsProfiles("certbot \(version)") else { return }
        let subject = profile == nil ? "CERTBOT_PROFILE" : "landfall.certificate.profile"
        throw .free("\(subject) needs certbot 4.0 or newer, but \(settings.program) is \(version)")
    }

    private func version() async throws(IssuanceError) -> String {
        if let version = knownVersion.withLock(\.self) { return version }
        let request = ProcessRequest(
            [settings.program, "--version"],
            environment: CertbotCommand.environment(home: settings.stateDirectory, settings),
            timeLimit: settings.timeLimit
        )
        let result: ProcessResult
        do throws(ProcessError) {
            result = try await ports.processes.run(request, for: .run)
        } catch {
            throw .free("\(error)")
        }
        // "certbot 5.8.0"
        let words = (result.outputText + result.errorText).split(whereSeparator: \.isWhitespace)
        guard result.end == .exited(0), words.first == "certbot", let version = words.dropFirst().first else {
            throw .free("\(settings.program) does not report its version")
        }
        knownVersion.withLock { $0 = String(version) }
        return String(version)
    }
}

extension CertbotErrorParser {
    fileprivate func error(_ effect: OrderRecord.Effect, for names: [DomainName]) -> IssuanceError {
        let isFree = isUnheard || effect == .none
        let cause = cause(for: names)
        return switch cause {
        // The order was not taken.
        case .account: IssuanceError(text, effect: OrderRecord.Effect.none, cause: cause)
        case .person:
            IssuanceError(
                "the authority waits for a person: open its link, then run `landfall once`; until then it is asked once a "
                    + "day: \(text)",
                effect: .order(failed: []),
                cause: cause
            )
        default:
            IssuanceError(text, isTransient: isTransient, isFree: isFree, effect: isFree ? nil : effect, cause: cause)
        }
    }
}
