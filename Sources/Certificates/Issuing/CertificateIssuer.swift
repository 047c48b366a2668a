import DNS
import Log
import Model
import Ports
import State
import Synchronization
import Threads

/// Orders certificates from one ACME server, each with a certbot of its own.
final class CertificateIssuer: Sendable {
    typealias OrderProgress = @Sendable (String) -> Void

    let context: CertbotContext
    let rateLimits: RateLimitStore
    let store: CertificateStore
    let solver: DNS01Solver
    let log: Logger
    private let accounts: CertbotAccounts
    private let registration = AsyncSemaphore(width: 1)
    /// The accounts that the authority had forgotten.
    private let replaced = Mutex<Set<String>>([])
    private let proofs: ProofStore
    /// The issuer for tries at the authority's staging server; nil where it has none.
    private let staging: CertificateIssuer?
    private let deployHook: DeployHook?

    init(settings: CertbotSettings, solver: DNS01Solver, state: StateStore, ports: CertbotPorts, log: Logger) {
        let context = CertbotContext(settings: settings, ports: ports)
        self.context = context
        rateLimits = RateLimitStore(settings: settings, files: ports.files, state: state, log: log)
        store = CertificateStore(directory: settings.configDirectory, files: ports.files, clock: ports.clock)
        accounts = CertbotAccounts(context: context)
        proofs = ProofStore(settings: settings, state: state)
        staging = settings.staging.map {
            CertificateIssuer(settings: $0, solver: solver, state: state, ports: ports, log: log)
        }
        deployHook = settings.options.deployHook.map { DeployHook(command: $0, context: context) }
        (self.solver, self.log) = (solver, log)
    }

    /// The account that a lineage would be ordered with.
    func account(for lineage: String) -> CAAPolicy.Account { accounts.account(for: lineage) }

    /// Whether an order that failed is tried at a staging server the next time.
    var hasStaging: Bool { staging != nil }

    /// Carries out orders, several at a time; one result per order, in their order.
    ///
    /// - Parameters:
    ///   - seen: what the disk held when the orders were decided.
    ///   - finished: gets each result at once, because a slow order may outlive the process.
    func issue(
        _ orders: [CertificateOrder],
        seen: [String: LineageOnDisk]?,
        zones: ZoneDirectory,
        progress: @escaping ProgressHandler,
        finished: @escaping @Sendable (CertificateStep, IssuanceResult) -> Void
    ) async -> [IssuanceResult] {
        await solver.removeLeftovers(zones, isBusy: isBusy)
        guard !orders.isEmpty else {
            removeLeftoversIfUnlocked()
            return []
        }
        do throws(IssuanceError) {
            let found = try await takeLock(for: orders, seen: seen, progress: progress)
            defer { releaseLock() }
            removeLeftovers()
            try await context.checkVersion(profile: nil)
            let accounts = try await prepare()
            let common = CommonFailures(profile: context.settings.options.profile)
            return await withStagingAccounts(orders.contains(where: \.needsStagingCheck)) { stagingAccounts in
                @Sendable func carryOut(_ order: CertificateOrder) async -> IssuanceResult {
                    progress(Progress(.certificate, order.lineage, .started))
                    let result: IssuanceResult =
                        if let certificate = found[order.lineage] {
                            .issued(certificate)
                        } else if let error = common.failure(of: order) {
                            .failed(error)
                        } else {
                            await issue(order, accounts, stagingAccounts, zones) { words in
                                progress(Progress(.certificate, order.lineage, .step(words)))
                            }
                        }
                    common.add(result, of: order)
                    proofs.save(result, of: order)
                    finished(order.step, result)
                    progress(Progress(.certificate, order.lineage, .ended(order.step.outcome(result))))
                    return result
                }
                // The first order alone shows whether all others would fail for what they share with it.
                let count = proofs.cover(orders) ? 0 : 1
                let first = await concurrentMap(Array(orders.prefix(count)), atMost: 1, carryOut)
                let width = context.settings.concurrency
                return first + (await concurrentMap(Array(orders.dropFirst(count)), atMost: width, carryOut))
            }
        } catch {
            return orders.enumerated().map { index, order in
                // What all orders have in common is one failure.
                let error = index > 0 && error.isCommon ? IssuanceError.free(error.reason) : error
                finished(order.step, .failed(error))
                return .failed(error)
            }
        }
    }

    private func issue(
        _ order: CertificateOrder,
        _ accounts: [String],
        _ stagingAccounts: Task<[String]?, Never>,
        _ zones: ZoneDirectory,
        _ progress: @escaping OrderProgress
    ) async -> IssuanceResult {
        if let reason = order.step.challengeZones.sorted().lazy.compactMap(zones.full.reason).first {
            return .failed(.free(reason))
        }
        if let profile = order.step.profile {
            do throws(IssuanceError) {
                try await context.checkVersion(profile: profile)
            } catch {
                return .failed(error)
            }
        }
        if order.needsStagingCheck, let staging, let accounts = await stagingAccounts.value,
            let error = await staging.checkOnly(order, accounts, zones, progress)
        {
            return .failed(error)
        }
        return await runDeployHook(after: await place(order, accounts, zones, progress))
    }

    /// Makes sure that certbots can write, that orders can be counted, and that there is an account. Returns the accounts.
    private func prepare() async throws(IssuanceError) -> [String] {
        do throws(FileError) {
            try context.directories.probe()
        } catch {
            throw .free("nothing is ordered because it could not be stored: \(error)")
        }
        do throws(IssuanceError) {
            try rateLimits.open(now: context.ports.clock.now)
        } catch {
            throw .free("nothing is ordered because it could not be counted: \(error.reason)")
        }
        return try await accounts.ensure()
    }

    /// Places an order until there is a certificate, or an error that is not transient.
    private func place(
        _ order: CertificateOrder,
        _ accounts: [String],
        _ zones: ZoneDirectory,
        _ progress: @escaping OrderProgress
    ) async -> IssuanceResult {
        var account = self.accounts.choose(for: order.lineage, among: accounts)
        var forgotten: Set<String> = []
        var result = IssuanceResult.failed(.stopped)
        for _ in 0..<IssuanceError.tries where !Task.isCancelled {
            let record = order.record(at: context.ports.clock.now)
            do throws(IssuanceError) {
                try rateLimits.place(record, isUrgent: order.isUrgent)
            } catch {
                return .failed(error)
            }
            let run = CertbotRun(issuer: self, order: order, account: account, zones: zones, progress: progress)
            result = await run.run()
            rateLimits.settle(record, result.effect)
            guard case .failed(let error) = result else { break }
            // Its files may have gone while certbot was about to read them.
            if let lost = account, error.cause == .account || replaced.withLock({ $0.contains(lost) }),
                forgotten.insert(lost).inserted
            {
                log.warning("the authority has forgotten the account", [.error: .string(error.reason)])
                switch await replace(lost) {
                case .success(let accounts): account = self.accounts.choose(for: order.lineage, among: accounts)
                case .failure(let error): return .failed(error)
                }
                continue
            }
            guard error.isTransient else { break }
            log.info(
                "certbot failed; trying again",
                [.certificate: .string(order.lineage), .error: .string(error.reason)]
            )
        }
        return result
    }

    /// One after the other, so that a forgotten account has one successor.
    private func replace(_ account: String) async -> Result<[String], IssuanceError> {
        let result = try? await registration.pass { [accounts] in
            replaced.withLock { _ = $0.insert(account) }
            return await Result { () async throws(IssuanceError) in try await accounts.replace(account) }
        }
        return result ?? .failure(.stopped)
    }

    /// The certificate on disk stays a success, whatever the user's own hook does.
    private func runDeployHook(after result: IssuanceResult) async -> IssuanceResult {
        guard let deployHook, case .issued(let certificate, _) = result,
            let problem = await deployHook.run(for: certificate.lineage, certificate.names)
        else { return result }
        log.warning("the deploy hook failed", [.certificate: .string(certificate.lineage), .error: .string(problem)])
        return .issued(certificate, warning: "CERTBOT_DEPLOY_HOOK \(problem)")
    }
}

/// Staging: orders for names that were never certified and failed before are tried there first.
extension CertificateIssuer {
    /// Prepares the staging server beside `body` if it is needed: it may be slow, and only the orders that need it wait
    /// for it. Its accounts are nil if it cannot be used now.
    private func withStagingAccounts<Value: Sendable>(
        _ isNeeded: Bool,
        _ body: (Task<[String]?, Never>) async -> Value
    ) async -> Value {
        let preparation = taskOnCurrentExecutor { [staging] () -> [String]? in
            guard isNeeded, let staging else { return nil }
            guard (try? staging.context.directories.prepareReal()) != nil else { return nil }
            return try? await staging.prepare()
        }
        return await withTaskCancellationHandler {
            let value = await body(preparation)
            _ = await preparation.value
            return value
        } onCancel: {
            preparation.cancel()
        }
    }

    /// Orders at this staging server, which has a store and an account of its own, and discards the certificate.
    /// Returns why it failed; nil when it succeeded or the server could not be asked: then the real one is used.
    private func checkOnly(
        _ order: CertificateOrder,
        _ accounts: [String],
        _ zones: ZoneDirectory,
        _ progress: @escaping OrderProgress
    ) async -> IssuanceError? {
        progress("trying the staging server")
        let result = await place(order, accounts, zones) { progress("staging: \($0)") }
        context.directories.removeLineage(order.lineage)
        guard case .failed(let error) = result, !error.isFree || Task.isCancelled else { return nil }
        return error.withoutEffect("the staging server was tried first")
    }
}
