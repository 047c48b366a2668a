import Model

extension Report {
    /// What the run changed, a clause each: what people and logs are told in a line.
    public var changeClauses: [String] {
        hosts.compactMap { host in host.record?.outcome.change.map { "\(host.name): \($0)" } }
            + certificates.compactMap { certificate in
                certificate.outcome.change.map { "certificate \(certificate.lineage): \($0)" }
            }
            + signals.compactMap { signal in
                signal.outcome.isChange ? "\(signal.name): \(signal.signal)" : nil
            }
    }

    /// What failed or could not be seen, a clause each.
    public var failureClauses: [String] {
        hosts.compactMap { host in host.record?.outcome.failure.map { "\(host.name): \($0)" } }
            + certificates.compactMap { certificate in
                certificate.outcome.failure.map { "certificate \(certificate.lineage): \($0)" }
            }
            + signals.compactMap { signal in signal.outcome.failure.map { "\(signal.name): \(signal.signal): \($0)" } }
            + problems.map { "\($0.stage): \($0.text)" }
    }
}

extension [String] {
    /// The first `limit` of them, and how many more there are.
    public func shortened(to limit: Int) -> [String] {
        count > limit ? prefix(limit) + ["\(count - limit) more"] : self
    }
}

extension Outcome {
    fileprivate var change: String? { if case .changed(let detail) = self { detail } else { nil } }
    fileprivate var failure: String? { if case .failed(let reason) = self { reason } else { nil } }
}
