import Docker
import Model

/// Something that carries labels: a service's, or on a plain engine a container's.
struct Labelled {
    let origin: Origin
    let labels: [String: String]
    /// What a shared certificate is called where no label names it.
    let defaultLineage: String
    /// What its labels do not do, a sentence each.
    let hints: [String]
    /// Of parts of folders with certificates.
    let mounts: [Mount]
}

/// Reads the requests of one service's labels. A wrong part is refused alone; the rest is served.
struct LabelReader {
    private let subject: Labelled
    private let rules: DiscoveryRules
    private let names: NameReader
    private var rejections: RejectionList

    var refusals: [Refusal] { rejections.all }

    init(_ subject: Labelled, rules: DiscoveryRules) {
        (self.subject, self.rules) = (subject, rules)
        names = NameReader(rules: rules)
        rejections = RejectionList(subject.origin)
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
        // Without a profile the certificate is renewed all the same.
        let profile = value(of: .certificateProfile, else: nil, onRefusal: nil, certificateProfile)
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
                profile: certificate == .none ? nil : profile,
                probe: probe
            )
        }
    }

    /// Each with the first label that names it; no more than a service may request.
    private mutating func hostNames() -> [DomainName: String] {
        var names: [DomainName: String] = [:]
        for label in rules.hostLabels {
            var excess: Set<DomainName> = []
            for part in parts(of: label) {
                do throws(LabelRejection) {
                    let name = try self.names.host(part)
                    if names[name] == nil, names.count >= rules.hostLimit {
                        excess.insert(name)
                    } else {
                        names[name] = names[name] ?? label
                    }
                } catch {
                    rejections.add(error, label)
                }
            }
            if let first = excess.min() { rejections.add(tooMany(excess.count, first), label) }
        }
        return names
    }

    /// The comma-separated parts of a label.
    private mutating func parts(of label: String) -> [String] {
        do throws(LabelRejection) {
            guard let value = try text(of: label) else { return [] }
            let parts = value.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
            if parts.isEmpty { throw LabelRejection(value, "it names no host") }
            return parts
        } catch {
            rejections.add(error, label)
            return []
        }
    }

    private func tooMany(_ count: Int, _ first: DomainName) -> LabelRejection {
        let names = count == 1 ? first.text : "\(first) and \(count - 1) more"
        return LabelRejection(
            names,
            "a service requests at most \(rules.hostLimit) hosts; LANDFALL_SERVICE_HOSTS raises that"
        )
    }

    /// The value of a label; nil where there is none.
    private func text(of label: String) throws(LabelRejection) -> String? {
        guard let value = subject.labels[label] else { return nil }
        if let reason = LabelLimits.reason(against: value) { throw LabelRejection(value, reason) }
        return String(outside: value)
    }

    private mutating func certificateChoice() -> CertificateChoice {
        let choice = value(of: .certificate, else: .each, onRefusal: .none, CertificateKind.init(label:))
        return switch choice {
        case .each: .each
        case .wildcard: .wildcard
        case .none: .none
        case .shared: sharedCertificate()
        }
    }

    private mutating func sharedCertificate() -> CertificateChoice {
        do throws(LabelRejection) {
            let given = try text(of: LabelKey.certificateName.rawValue)
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
        do throws(LabelRejection) {
            guard let text = try text(of: key.rawValue) else { return absent }
            return try parse(text.trimmed)
        } catch {
            refuse(error, key)
            return refused
        }
    }

    private mutating func refuse(_ rejection: LabelRejection, _ key: LabelKey) {
        rejections.add(rejection, key.rawValue)
    }
}

/// The rejections of one service's labels: of each label the first ten, and how many more there are.
private struct RejectionList {
    private let origin: Origin
    private var listed: [Refusal] = []
    private var counts: [String: Int] = [:]

    init(_ origin: Origin) { self.origin = origin }

    mutating func add(_ rejection: LabelRejection, _ label: String) {
        counts[label, default: 0] += 1
        guard counts[label, default: 0] <= LabelLimits.rejections else { return }
        listed.append(Refusal(origin: origin, label: label, value: rejection.value, reason: rejection.reason))
    }

    var all: [Refusal] {
        let more = counts.filter { $0.value > LabelLimits.rejections }.sorted { $0.key < $1.key }
        return listed
            + more.map { label, count in
                let value = "and \(count - LabelLimits.rejections) more"
                let reason = "only the first \(LabelLimits.rejections) rejections of a label are listed"
                return Refusal(origin: origin, label: label, value: value, reason: reason)
            }
    }
}
