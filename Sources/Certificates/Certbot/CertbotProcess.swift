import Model
import Ports

/// Runs certbot as a program.
struct CertbotProcess {
    /// For taking its challenges back after SIGTERM; with the desk's own removals it must fit into a shutdown's 8 s.
    private static let grace = Duration.seconds(4)
    private static let outputLimit = 256 << 10
    private static let logLimit = 4 << 20

    let settings: CertbotSettings
    let files: any Files
    let processes: any ProcessRunner
    let clock: any Clock

    /// Runs it to its end.
    ///
    /// - Returns: What its end, its output and its log say against it; it may have succeeded all the same. A failure when
    ///   it was not started.
    func run(
        _ command: CertbotCommand,
        of names: [DomainName],
        in directory: CertbotDirectories.Private,
        for scope: Scope
    ) async -> Result<CertbotFailure, CertbotFailure> {
        let request = ProcessRequest(
            command.arguments,
            environment: command.environment,
            lock: directory.lock,
            timeLimit: settings.timeLimit,
            grace: Self.grace,
            outputLimit: Self.outputLimit
        )
        do throws(ProcessError) {
            let result = try await processes.run(request, for: scope)
            return .success(failure(result, of: names, in: directory, for: scope))
        } catch {
            return .failure(CertbotFailure("\(error)", costsNothing: true))
        }
    }

    private func failure(
        _ result: ProcessResult,
        of names: [DomainName],
        in directory: CertbotDirectories.Private,
        for scope: Scope
    ) -> CertbotFailure {
        // It is long, and of a certbot that found no fault with itself nobody needs it.
        guard result.end != .exited(0) else { return complaint(result, log: "").failure(.perhapsCertificate) }
        let log = log(in: directory, for: scope)
        let trace = CertbotLog(log).trace
        switch result.end {
        case .cancelled:
            return CertbotFailure("Landfall stopped while certbot was at work", costsNothing: true, trace: trace)
        case .timedOut:
            let reason = "certbot took longer than \(settings.timeLimit.readable) and was ended"
            return CertbotFailure(reason, trace: trace)
        case .signalled(let signal): return CertbotFailure("certbot was ended by signal \(signal)", trace: trace)
        case .exited: break
        }
        let complaint = complaint(result, log: log ?? "")
        if let hold = RateLimitHold(answer: complaint.text, to: names, now: clock.now) {
            return complaint.failure(.limited(hold))
        }
        return complaint.failure(complaint.failed.isEmpty ? trace : .order(failed: complaint.failed))
    }

    private func complaint(_ result: ProcessResult, log: String) -> CertbotErrorParser {
        CertbotErrorParser(output: result.outputText, error: result.errorText, log: log)
    }

    /// Empty where certbot ended before it began one; nil where it cannot be read.
    private func log(in directory: CertbotDirectories.Private, for scope: Scope) -> String? {
        do throws(FileError) {
            return String(decoding: try files.read(directory.log, limit: Self.logLimit, for: scope), as: UTF8.self)
        } catch .missing {
            return ""
        } catch {
            return nil
        }
    }
}

extension CertbotErrorParser {
    fileprivate func failure(_ trace: OrderTrace) -> CertbotFailure {
        let isUnheard = isUnheard || trace == .nothing
        return CertbotFailure(
            text,
            isTransient: isTransient,
            costsNothing: isUnheard,
            trace: isUnheard ? .nothing : trace
        )
    }
}
