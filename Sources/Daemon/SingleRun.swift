import Certificates
public import Configuration
public import Log
public import Model
import Notices
public import Pipeline
import Ports
public import Report
import Timing
import Transport

/// One run without a daemon of its own: `landfall once` and `landfall plan`.
public struct SingleRun: Sendable {
    /// For notices to be delivered; what is not waits in the store.
    private static let patience: Duration = .seconds(5)

    private let configuration: Configuration
    private let log: Logger
    private let confirmation: String?

    /// - Parameter code: of what it may do besides, because a person has seen it: a list's of deletions, or that the store is empty.
    public init(_ configuration: Configuration, log: Logger, confirming code: String? = nil) {
        (self.configuration, self.log, confirmation) = (configuration, log, code)
    }

    /// By the running daemon where there is one, else here.
    public func run(progress: @escaping ProgressHandler) async throws(UserFacingError) -> Report {
        try await Self.untilSignalled { () async throws(UserFacingError) in try await byDaemonOrHere(progress) }
    }

    private func byDaemonOrHere(_ progress: @escaping ProgressHandler) async throws(UserFacingError) -> Report {
        let transport = CurlTransport(.init(userAgent: "landfall/\(landfallVersion)"))
        let client = ControlClient(stateFolder: configuration.stateFolder, transport: transport)
        if let report = try await client.once(confirming: confirmation) { return report }
        return configuration.isDryRun ? try await dryRun() : try await here(progress)
    }

    /// What a run would do; every port is one that only looks.
    public func plan() async throws(UserFacingError) -> PlanDocument {
        let ports = try Wiring.Ports.readOnly(configuration)
        return await Wiring(configuration, ports: ports, log: log, tellsLog: false).pipeline.plan().document
    }

    private func dryRun() async throws(UserFacingError) -> Report {
        let ports = try Wiring.Ports.readOnly(configuration)
        return await Wiring(configuration, ports: ports, log: log, tellsLog: false).pipeline.run(cause)
    }

    private func here(_ progress: @escaping ProgressHandler) async throws(UserFacingError) -> Report {
        let ports = try Wiring.Ports.real(configuration)
        let lock = try InstanceLock(folder: configuration.stateFolder)
        defer { withExtendedLifetime(lock) {} }
        let wiring = Wiring(configuration, ports: ports, log: log, tellsLog: false)
        let path = StatePaths(folder: configuration.stateFolder).socket
        let control = try ControlServer(path: path, hook: { [desk = wiring.desk] in await desk.serve($0) }, once: nil)
        defer { control.stop() }
        let report = await wiring.pipeline.run(cause, progress: progress)
        await wiring.pipeline.notices.deliver(within: Self.patience)
        return report
    }

    private var cause: RunCause { RunCause(Trigger(.once, confirmation: confirmation)) }

    /// SIGINT and SIGTERM abandon the run, which then ends its children and reports what it had done.
    private static func untilSignalled(
        _ run: @escaping @Sendable () async throws(UserFacingError) -> Report
    ) async throws(UserFacingError) -> Report {
        let signals = try SystemSignal.stream()
        let work = Task { () async -> Result<Report, UserFacingError> in
            do throws(UserFacingError) { return .success(try await run()) } catch { return .failure(error) }
        }
        let watch = Task {
            for await signal in signals where signal == .terminate { work.cancel() }
        }
        defer { watch.cancel() }
        return try await work.value.get()
    }
}
