import Crypto
import Model
import Ports
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
/// present ones, and within a day, all orders may fail for the same reason: a profile may have been withdrawn since.
struct ProofStore {
    private static let lifetime = Duration.seconds(86_400)

    private struct Proof: Codable, Equatable {
        /// A digest of what the last order was placed with; nil if that failed for all orders.
        var options: String?
        var time: Timestamp

        /// A time that is still to come was noted by a clock that has been set back since.
        func covers(_ options: String, at now: Timestamp) -> Bool {
            self.options == options && time <= now && now - time < ProofStore.lifetime
        }
    }

    private let settings: CertbotSettings
    private let namespace: StateStore.Namespace<Proof>
    private let clock: any Clock

    init(settings: CertbotSettings, state: StateStore, clock: any Clock) {
        (self.settings, self.clock) = (settings, clock)
        namespace = StateStore.Namespace("proofs", in: state)
    }

    /// Whether what all these orders share has been issued lately and has not failed since, or is nothing.
    func cover(_ orders: [CertificateOrder]) -> Bool {
        let known = namespace.allIfReadable()
        return orders.allSatisfy { order in
            let options = options(of: order)
            guard let proof = known[key(of: order)] else { return options.isEmpty }
            return options.isEmpty ? proof.options != nil : proof.covers(digest(options), at: clock.now)
        }
    }

    /// The store itself reports a failure.
    func save(_ result: IssuanceResult, of order: CertificateOrder) {
        let (key, options) = (key(of: order), options(of: order))
        let isKnown = ((try? namespace.load(key)) ?? nil) != nil
        if result.error?.isCommon == true {
            try? namespace.save(Proof(options: nil, time: clock.now), for: key)
        } else if result.isIssued, isKnown || !options.isEmpty {
            try? namespace.save(Proof(options: digest(options), time: clock.now), for: key)
        }
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
