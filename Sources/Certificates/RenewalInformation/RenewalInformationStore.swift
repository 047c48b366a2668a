import Model
import State

/// Keeps what authorities said about renewal times, so that most runs ask nothing.
struct RenewalInformationStore: Sendable {
    /// What is known of one certificate.
    struct Suggestion: Hashable, Codable {
        /// Nil where the authority has given none that can be used.
        let window: RenewalWindow?
        /// When to ask again.
        let next: Timestamp
    }

    /// What is known of an authority.
    struct Authority: Hashable, Codable {
        /// Where to ask for renewal information; nil where it offers none, or could not be asked.
        let url: String?
        /// It is not asked before this time.
        let quietUntil: Timestamp
        /// Its directory need not be read again before this time.
        let validUntil: Timestamp
    }

    /// By certificates' renewal IDs.
    let suggestions: StateStore.Namespace<Suggestion>
    /// By directories' URLs.
    let authorities: StateStore.Namespace<Authority>

    init(state: StateStore) {
        suggestions = StateStore.Namespace("renewal-windows", in: state)
        authorities = StateStore.Namespace("acme-directories", in: state)
    }

    /// The suggested windows, by renewal ID. Where the store cannot be read, the lifetimes alone decide.
    func windows() -> [String: RenewalWindow] { suggestions.allIfReadable().compactMapValues(\.window) }
}
