import Model

/// Something that carries labels: a service's, or on a plain engine a container's.
struct Labelled {
    let origin: Origin
    let labels: [String: String]
    /// What a shared certificate is called where no label names it.
    let defaultLineage: String
}

/// Reads the requests of one service's labels. A wrong part is refused alone; the rest is served.
struct LabelReader {
    private let subject: Labelled
    private let rules: DiscoveryRules
    private let names: NameReader
    private(set) var refusals: [Refusal] = []

    init(_ subject: Labelled, rules: DiscoveryRules) {
        (self.subject, self.rules) = (subject, rules)
        names = NameReader(rules: rules)
    }

    /// Sorted by name; each once.
    mutating func hosts() -> [DesiredHost] {
        let hosts = hostNames().sorted { $0.key < $1.key }
        guard !hosts.isEmpty else { return [] }
        let names = names
        // The request of an invalid value is unknown, so Landfall does nothing.
        let target = value(of: .dns, else: .publicAddress, onRefusal: .none) { text throws(LabelRejection) in
            try dnsTarget(text, names)
        }
        let options = RecordOptions(
            proxied: value(of: .proxied, else: nil, onRefusal: nil, flag),
            ttl: value(of: .ttl, else: nil, onRefusal: nil, timeToLive)
        )
        let certificate = certificateChoice()
        let probe = value(of: .probe, else: .standard, onRefusal: .standard, probeChoice)
        return hosts.map { name, label in
            let isOwnAlias = target == .alias(name)
            if isOwnAlias { refuse(LabelRejection(name.text, "an alias cannot point at itself"), .dns) }
            return DesiredHost(
                name: name,
                origin: subject.origin,
                label: label,
                target: isOwnAlias ? .none : target,
                options: options,
                certificate: certificate,
                probe: probe
            )
        }
    }

    /// Each with the first label that names it.
    private mutating func hostNames() -> [DomainName: String] {
        var names: [DomainName: String] = [:]
        for label in rules.hostLabels {
            guard let value = subject.labels[label] else { continue }
            let parts = value.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
            if parts.isEmpty { refuse(LabelRejection(value, "it names no host"), label) }
            for part in parts {
                do throws(LabelRejection) {
                    let name = try self.names.host(part)
                    names[name] = names[name] ?? label
                } catch {
                    refuse(error, label)
                }
            }
        }
        return names
    }

    private mutating func certificateChoice() -> CertificateChoice {
        switch subject.labels[LabelKey.certificate.rawValue]?.trimmed.lowercased() {
        case nil, "each": return .each
        case "wildcard": return .wildcard
        case "none": return .none
        case "shared": return sharedCertificate()
        case let other?:
            refuse(LabelRejection(other, "it takes `each`, `shared`, `wildcard` or `none`"), .certificate)
            return .none
        }
    }

    private mutating func sharedCertificate() -> CertificateChoice {
        let given = subject.labels[LabelKey.certificateName.rawValue]
        do throws(LabelRejection) {
            return .shared(lineage: try lineage(given?.trimmed ?? subject.defaultLineage))
        } catch {
            refuse(error, .certificateName)
            return .none
        }
    }

    private mutating func value<Value>(
        of key: LabelKey,
        else absent: Value,
        onRefusal refused: Value,
        _ parse: (String) throws(LabelRejection) -> Value
    ) -> Value {
        guard let text = subject.labels[key.rawValue] else { return absent }
        do throws(LabelRejection) {
            return try parse(text.trimmed)
        } catch {
            refuse(error, key)
            return refused
        }
    }

    private mutating func refuse(_ rejection: LabelRejection, _ key: LabelKey) {
        refuse(rejection, key.rawValue)
    }

    private mutating func refuse(_ rejection: LabelRejection, _ label: String) {
        refusals.append(Refusal(origin: subject.origin, label: label, value: rejection.value, reason: rejection.reason))
    }
}
