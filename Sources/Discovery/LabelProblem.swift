import Model

/// Why a part of a label's value cannot be served.
struct LabelProblem: Error, Hashable {
    /// The part that is wrong.
    let value: String
    /// A clause that follows "refused: ".
    let reason: String

    init(_ value: some StringProtocol, _ reason: String) {
        (self.value, self.reason) = (String(value), reason)
    }
}
