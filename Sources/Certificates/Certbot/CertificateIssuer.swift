import DNS
import Log
import Model
import Ports
import State
import Threads

/// Where orders are fulfilled: holds certbot's lock on the real directory, sees to it that orders can be placed, and runs
/// certbots side by side.
struct CertificateIssuer {
    let orphans: CertbotOrphans
    let office: CertbotOffice
    let ports: CertbotPorts
    let log: Logger
    private let staging: CertbotOffice?
    private let settings: CertbotSettings
    private let version: CertbotVersion
    private let hook: DeployHook?
    private let desk: DNS01Solver

    init(settings: CertbotSettings, desk: DNS01Solver, state: StateStore, ports: CertbotPorts, log: Logger) {
        func office(_ settings: CertbotSettings) -> CertbotOffice {
            let book = RateLimitStore(settings: settings, files: ports.files, state: state, log: log)
            return CertbotOffice(settings: settings, desk: desk, book: book, ports: ports, log: log)
        }
        self.office = office(settings)
        staging = settings.staging.map(office)
        (self.settings, self.desk, self.ports, self.log) = (settings, desk, ports, log)
        orphans = CertbotOrphans(directories: self.office.directories, locks: ports.locks, clock: ports.clock, log: log)
        version = CertbotVersion(settings: settings, processes: ports.processes)
        hook = settings.options.deployHook.map {
            DeployHook(command: $0, settings: settings, processes: ports.processes)
        }
    }

    /// Whether an order that fails is tried against staging the next time.
    var hasStaging: Bool { staging != nil }

    /// Returns one end per order, in their order; `ended` hears of each at once, for a slow one may outlive the process.
    ///
    /// - Parameter seen: what the disk held when the orders were decided upon.
    func fulfil(
        _ orders: [CertificateOrder],
        seen: [String: LineageOnDisk]?,
        zones: ZoneDirectory,
        progress: @escaping ProgressHandler,
        ended: @escaping @Sendable (CertificateStep, CertbotRun.End) -> Void
    ) async -> [CertbotRun.End] {
        await desk.sweep(zones) { orphans.isAtWork(on: $0) }
        guard !orders.isEmpty else {
            tidyIdly()
            return []
        }
        do throws(CertbotFailure) {
            let gained = try await takeLock(for: orders.map(\.step), seen: seen, progress: progress)
            defer { ports.locks.release(lock, for: .run) }
            tidy()
            if let objection = await version.objection() { throw objection }
            let open = try await office.open()
            return await rehearsing(orders.contains(where: \.isDoubtful)) { rehearsal in
                await concurrentMap(orders, atMost: settings.concurrency) { order in
                    let step = order.step
                    progress(Progress(.certificate, step.lineage, .started))
                    let end =
                        if let certificate = gained[step.lineage] {
                            CertbotRun.End.issued(certificate)
                        } else {
                            await fulfil(order, open, rehearsal, zones: zones) { words in
                                progress(Progress(.certificate, step.lineage, .step(words)))
                            }
                        }
                    ended(step, end)
                    progress(Progress(.certificate, step.lineage, .ended(step.outcome(end))))
                    return end
                }
            }
        } catch {
            for order in orders { ended(order.step, .failed(error)) }
            return orders.map { _ in .failed(error) }
        }
    }

    private func fulfil(
        _ order: CertificateOrder,
        _ open: OpenOffice,
        _ rehearsal: Task<StagingCheck?, Never>,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> CertbotRun.End {
        if order.isDoubtful,
            let failure = await rehearsal.value?.failure(of: order, zones: zones, progress: progress)
        {
            return .failed(failure)
        }
        return await deploy(await open.fulfil(order, zones: zones, progress: progress))
    }
}

extension CertificateIssuer {
    /// Makes staging ready beside `work`, if it is needed: it may be slow or away, and only those who need it wait for it.
    private func rehearsing<Value: Sendable>(
        _ isNeeded: Bool,
        _ work: (Task<StagingCheck?, Never>) async -> Value
    ) async -> Value {
        let rehearsal = taskOnCurrentExecutor { isNeeded ? await self.rehearsal() : nil }
        return await withTaskCancellationHandler {
            let value = await work(rehearsal)
            _ = await rehearsal.value
            return value
        } onCancel: {
            rehearsal.cancel()
        }
    }

    /// Nil where staging cannot be used now.
    private func rehearsal() async -> StagingCheck? {
        guard let staging else { return nil }
        do {
            try staging.directories.prepareReal()
            return StagingCheck(open: try await staging.open(), files: ports.files)
        } catch {
            return nil
        }
    }

    /// What is on the disk stays a success, whatever the user's own hook does.
    private func deploy(_ end: CertbotRun.End) async -> CertbotRun.End {
        guard let hook, case .issued(let certificate, _) = end,
            let complaint = await hook.run(for: certificate.lineage, certificate.names)
        else { return end }
        log.warning(
            "the deploy hook failed",
            [.certificate: .string(certificate.lineage), .error: .string(complaint)]
        )
        return .issued(certificate, complaint: "CERTBOT_DEPLOY_HOOK \(complaint)")
    }

    /// Removes the logs of what failed once and is no longer asked for.
    func forget(_ lineage: String) {
        // What stays takes room and nothing else.
        try? ports.files.remove(office.directories.directory(for: lineage).logs, for: .certificate(lineage))
    }

    /// Removes what interrupted runs left.
    private func tidy() {
        for name in office.directories.leftovers() where !orphans.isAtWork(on: name) {
            do {
                try office.directories.dispose(name, removingLogs: false)
            } catch {
                log.warning("cannot remove the folder of an earlier run", [.error: "\(error)"])
            }
        }
    }

    /// As `tidy`, where nothing else is to be done: then nobody is waited for.
    private func tidyIdly() {
        guard !office.directories.leftovers().isEmpty, (try? ports.locks.take(lock, for: .run)) == true else { return }
        tidy()
        ports.locks.release(lock, for: .run)
    }
}
