import Crypto
import Model
import State
import Synchronization

/// The failures of one run that other orders would meet too: they are not placed.
final class CommonFailures: Sendable {
    /// By what `FailureRecord` keeps them under.
    private let failures = Mutex<[String: IssuanceError]>([:])
    /// Of all certificates whose labels name none.
    private let profile: String?

    init(profile: String?) { self.profile = profile }

    private func keys(of order: CertificateOrder) -> [String] {
        FailureRecord.commonKeys(profile: order.step.profile ?? profile)
    }

    /// The failure that an order would end with, which costs nothing.
    func failure(of order: CertificateOrder) -> IssuanceError? {
        let keys = keys(of: order)
        let known = failures.withLock(\.self)
        return keys.lazy.compactMap { known[$0] }.first.map { .free($0.reason) }
    }

    func add(_ result: IssuanceResult, of order: CertificateOrder) {
        guard let error = result.error, error.isCommon else { return }
        let keys = keys(of: order)
        guard let key = error.cause == .profile ? keys.last : keys.first else { return }
        failures.withLock { $0[key] = $0[key] ?? error }
    }
}

/// Keeps with which account binding, profile and arguments the authority has issued a certificate. Until it has with the
/// present ones, all orders may fail for the same reason.
struct ProofStore {
    private static let failed = "failed"

    private let settings: CertbotSettings
    private let namespace: StateStore.Namespace<String>

    init(settings: CertbotSettings, state: StateStore) {
        (self.settings, namespace) = (settings, StateStore.Namespace("proofs", in: state))
    }

    /// Whether what all these orders share has been issued before and has not failed since, or is nothing.
    func cover(_ orders: [CertificateOrder]) -> Bool {
        let known = namespace.allIfReadable()
        return orders.allSatisfy { order in
            let options = options(of: order)
            return known[key(of: order)].map { $0 == digest(options) } ?? options.isEmpty
        }
    }

    /// The store itself reports a failure.
    func save(_ result: IssuanceResult, of order: CertificateOrder) {
        let (key, options) = (key(of: order), options(of: order))
        let known = try? namespace.load(key)
        let proof = result.isIssued ? digest(options) : result.error?.isCommon == true ? Self.failed : known
        guard let proof, proof != known, known != nil || !options.isEmpty || proof == Self.failed else { return }
        try? namespace.save(proof, for: key)
    }

    private func key(of order: CertificateOrder) -> String { "\(settings.server) \(order.step.profile ?? "")" }

    private func options(of order: CertificateOrder) -> [String] {
        let options = settings.options
        let profile = order.step.profile ?? options.profile
        return [profile.map { "profile \($0)" }, options.binding.map { "binding \($0.kid)" }].compactMap(\.self)
            + options.arguments
    }

    private func digest(_ options: [String]) -> String {
        Digest.sha256(Array(options.joined(separator: "\n").utf8))
    }
}
