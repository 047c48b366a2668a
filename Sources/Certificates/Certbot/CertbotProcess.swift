import Files
import Model
import Processes

/// Runs certbot as a program.
struct CertbotProcess {
    /// For taking its challenges back after SIGTERM; with the desk's own removals it must fit into a shutdown's 8 s.
    private static let grace = Duration.seconds(4)
    private static let outputLimit = 256 << 10
    private static let logLimit = 4 << 20

    let settings: CertbotSettings
    let files: any Files
    let processes: any ProcessRunner

    /// Runs it to its end.
    ///
    /// - Returns: What its end, its output and its log say against it; it may have succeeded all the same. A failure when
    ///   it was not started.
    func run(
        _ command: CertbotCommand,
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
            return .success(complaint(try await processes.run(request, for: scope), in: directory, for: scope))
        } catch {
            return .failure(CertbotFailure("\(error)", costsNothing: true))
        }
    }

    private func complaint(
        _ result: ProcessResult,
        in directory: CertbotDirectories.Private,
        for scope: Scope
    ) -> CertbotFailure {
        switch result.end {
        case .cancelled: return CertbotFailure("Landfall stopped while certbot was at work", costsNothing: true)
        case .timedOut: return CertbotFailure("certbot took longer than \(settings.timeLimit.readable) and was ended")
        case .signalled(let signal): return CertbotFailure("certbot was ended by signal \(signal)")
        case .exited: break
        }
        // It is long, and of a certbot that found no fault with itself nobody needs it.
        let isCalm = result.end == .exited(0)
        let log = isCalm ? [] : (try? files.read(directory.log, limit: Self.logLimit, for: scope)) ?? []
        let complaint = CertbotComplaint(
            output: result.outputText,
            error: result.errorText,
            log: String(decoding: log, as: UTF8.self)
        )
        return CertbotFailure(
            complaint.text,
            isTransient: complaint.isTransient,
            costsNothing: complaint.isUnheard
        )
    }
}
