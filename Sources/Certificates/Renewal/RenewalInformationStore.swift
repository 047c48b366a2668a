import Model
import State

/// What authorities said of renewal times, in the state store's room `renewals`: so most runs ask nobody.
struct RenewalInformationStore: Sendable {
    /// What is known of one certificate.
    struct Suggestion: Hashable {
        /// Nil where the authority has said nothing that can be used.
        let window: RenewalWindow?
        /// Not to be asked again before.
        let next: Timestamp

        /// `START END NEXT`, in seconds since 1970, or `- NEXT`.
        var text: String {
            (window.map { "\($0.start.seconds) \($0.end.seconds) " } ?? "- ") + "\(next.seconds)"
        }

        init(window: RenewalWindow?, next: Timestamp) {
            (self.window, self.next) = (window, next)
        }

        init?(_ text: String) {
            let words = text.split(separator: " ").map { Int64($0) }
            switch (words.count, words.last ?? nil) {
            case (2, let next?): self.init(window: nil, next: Timestamp(seconds: next))
            case (3, let next?):
                guard let start = words[0], let end = words[1] else { return nil }
                let window = RenewalWindow(from: Timestamp(seconds: start), to: Timestamp(seconds: end))
                self.init(window: window, next: Timestamp(seconds: next))
            default: return nil
            }
        }
    }

    /// What is known of an authority.
    struct Authority: Hashable {
        /// Where it is asked for renewal information; nil where it offers none, or could not be asked.
        let url: String?
        /// Nothing is asked of it before.
        let quietUntil: Timestamp
        /// Until when its directory need not be read again.
        let validUntil: Timestamp

        /// `QUIET VALID URL`, in seconds since 1970; without the URL where it offers none.
        var text: String { "\(quietUntil.seconds) \(validUntil.seconds)" + (url.map { " \($0)" } ?? "") }

        init(url: String?, quietUntil: Timestamp, validUntil: Timestamp) {
            (self.url, self.quietUntil, self.validUntil) = (url, quietUntil, validUntil)
        }

        init?(_ text: String) {
            let words = text.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, let quiet = Int64(words[0]), let valid = Int64(words[1]) else { return nil }
            self.init(
                url: words.count > 2 ? String(words[2]) : nil,
                quietUntil: Timestamp(seconds: quiet),
                validUntil: Timestamp(seconds: valid)
            )
        }
    }

    private static let room = "renewals"
    let state: StateStore

    /// By certificates' renewal IDs and directories' URLs, as they are stored. What cannot be read is not known, and the
    /// lifetimes alone decide.
    func facts() -> [String: String] { (try? state.facts(in: Self.room)) ?? [:] }

    /// A failure is told by the store itself.
    func commit(_ changes: [String: String?]) { try? state.commit(changes, in: Self.room) }

    /// What authorities suggest, by renewal ID.
    func windows() -> [String: RenewalWindow] { facts().compactMapValues { Suggestion($0)?.window } }
}
