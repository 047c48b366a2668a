import Certificates
import Composition
package import Configuration
package import Log
package import Model
import Notices
import HTTPServer
import Pipeline
package import Report
import Timing

/// One run without a daemon, or by the daemon that is running: `landfall once`, `landfall plan` and `landfall explain`.
package struct SingleRun: Sendable {
    /// How long notices may take to be delivered; the rest stays in the store.
    private static let noticeLimit: Duration = .seconds(5)

    private let configuration: Configuration
    private let log: Logger
    private let confirmation: String?

    /// - Parameter code: of what a person has confirmed: a list of deletions, or that the certificate store is empty.
    package init(_ configuration: Configuration, log: Logger, confirming code: String? = nil) {
        (self.configuration, self.log, confirmation) = (configuration, log, code)
    }

    /// Runs once, by the daemon if one is running. SIGINT and SIGTERM abandon the run, which then reports what it had done.
    package func run(progress: @escaping ProgressHandler) async throws(UserFacingError) -> Report {
        try await SystemSignal.terminating { () async throws(UserFacingError) in try await report(progress) }
    }

    private func report(_ progress: @escaping ProgressHandler) async throws(UserFacingError) -> Report {
        let client = AdminClient(configuration)
        if let report = try await client.once(confirming: confirmation, progress: progress) { return report }
        return configuration.isDryRun ? try await readOnlyPipeline().reconcile(cause) : try await runHere(progress)
    }

    /// Returns what a run would do, using ports that only read.
    package func plan() async throws(UserFacingError) -> Report { try await readOnlyPipeline().plan(cause) }

    /// Explains a name: asks the daemon if one is running, else reads everything here.
    package func explain(_ name: DomainName) async throws(UserFacingError) -> Explanation {
        if let explanation = try await AdminClient(configuration).explain(name) { return explanation }
        return try await explainHere(name)
    }

    /// Reads everything through read-only ports of its own, so the daemon's session and its recording are not involved.
    func explainHere(_ name: DomainName) async throws(UserFacingError) -> Explanation {
        try await readOnlyPipeline().explain(name)
    }

    private func readOnlyPipeline() throws(UserFacingError) -> Pipeline {
        try Wiring(configuration, ports: .readOnly(configuration), log: log, logsNotices: false).pipeline
    }

    private func runHere(_ progress: @escaping ProgressHandler) async throws(UserFacingError) -> Report {
        let lock = try InstanceLock(configuration)
        defer { withExtendedLifetime(lock) {} }
        let ports = try Dependencies.real(configuration, lock)
        let wiring = Wiring(configuration, ports: ports, log: log, logsNotices: false)
        let hook = Route.hook { [solver = wiring.solver] in await solver.handle($0) }
        let noDaemon = ServerResponse.text("no daemon listens here, only a single run\n", status: 409)
        let socket = try AdminServer.socket(
            RouteTable([hook], fallback: noDaemon),
            at: configuration.socketPath
        )
        defer { socket.stop() }
        let report = await wiring.pipeline.reconcile(cause, progress: progress)
        await wiring.pipeline.notices.deliver(within: Self.noticeLimit)
        return report
    }

    private var cause: RunCause { RunCause(Trigger(.once, confirmation: confirmation)) }
}
