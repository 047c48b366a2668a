import Model

/// certbot's own log, in which every request to the authority stands.
struct CertbotLog {
    /// Nil where it cannot be read.
    private let text: String?

    init(_ text: String?) {
        self.text = text
    }

    /// What the authority was asked for, at the least. Only an order takes a POST (RFC 8555 §6.3).
    var trace: OrderTrace {
        guard let text else { return .perhapsCertificate }
        let requests = text.split(whereSeparator: \.isNewline).filter { $0.contains("Sending POST request to ") }
        guard !requests.isEmpty else { return .nothing }
        return requests.contains { $0.contains("finalize") } ? .perhapsCertificate : .order(failed: [])
    }
}
