import Model

/// Why an order came to nothing; one line for people.
struct CertbotFailure: Error, Hashable {
    let reason: String
    /// Worth another try at once.
    let isTransient: Bool
    /// The CA was not troubled, so nothing keeps the next run from trying again.
    let costsNothing: Bool
    /// It failed on our side of the validation: the pause before the next try grows no longer.
    let isOurs: Bool
    let trace: OrderTrace

    /// - Parameter trace: by default nothing where it cost nothing, else all that there may be.
    init(
        _ reason: String,
        isTransient: Bool = false,
        costsNothing: Bool = false,
        isOurs: Bool = false,
        trace: OrderTrace? = nil
    ) {
        (self.reason, self.isTransient, self.costsNothing) = (sanitized(reason), isTransient, costsNothing)
        self.isOurs = isOurs
        self.trace = trace ?? (costsNothing ? .nothing : .perhapsCertificate)
    }
}

extension CertbotFailure {
    /// How often in a row a transient failure is tried.
    static let tries = 3
}
