import Declarations
import Docker
import Model

/// Something that declares hosts: by its own labels, those of a service or on a plain engine of a container, or as a source
/// found.
struct Labelled {
    let origin: Origin
    var labels: [String: String] = [:]
    /// What a shared certificate is called where no label names it.
    let defaultLineage: String
    /// What its labels do not do, a sentence each.
    var hints: [String] = []
    /// Of parts of folders with certificates.
    var mounts: [Mount] = []
    /// What the sources found on it, those first that come first in `LANDFALL_SOURCES`.
    var declared: [DeclaredHost] = []
    /// What the sources do not use of it.
    var unused: [UnusedDeclaration] = []

    /// Whether proxies are told anything by it.
    var isDeclaredElsewhere: Bool { !declared.isEmpty || !unused.isEmpty }
}

/// Reads the requests of one service's labels. A wrong part is refused alone; the rest is served.
struct LabelReader {
    private let subject: Labelled
    private let rules: DiscoveryRules
    private let names: NameReader
    private var rejections: RejectionList
    /// Sentences about sources that contradict each other.
    private(set) var hints: [(text: String, host: DomainName)] = []

    var refusals: [Refusal] { rejections.all }

    init(_ subject: Labelled, rules: DiscoveryRules) {
        (self.subject, self.rules) = (subject, rules)
        names = NameReader(rules: rules)
        rejections = RejectionList(subject.origin)
    }

    /// Sorted by name; each once.
    mutating func hosts() -> [DesiredHost] {
        let labels = subject.labels
        let isRead = rules.sources.reads(.landfall) || subject.isDeclaredElsewhere
        if isRead, rules.hostLabels.contains(where: { labels[$0] != nil }) {
            // Its own labels count for more than what proxies are told.
            return subject.isDeclaredElsewhere && isOptedOut ? [] : hosts(hostNames())
        }
        addUnused()
        return hosts(declaredNames())
    }

    /// Whether its own label says that it has no hosts, whatever it tells a proxy.
    private var isOptedOut: Bool {
        rules.hostLabels.allSatisfy { ["", "none"].contains((subject.labels[$0] ?? "").trimmed.lowercased()) }
    }

    private mutating func hosts(_ requests: [DomainName: Request]) -> [DesiredHost] {
        let hosts = requests.sorted { $0.key < $1.key }
        guard !hosts.isEmpty else { return [] }
        let names = names
        // The request of an invalid value is unknown, so Landfall does nothing.
        let target = value(of: .dns, else: .publicAddress, onRefusal: .none) { text throws(LabelRejection) in
            try dnsTarget(text, names)
        }
        let internalTarget = value(of: .internalDNS, else: nil, onRefusal: DNSTarget.none) {
            text throws(LabelRejection) in
            try dnsTarget(text, names)
        }
        let options = RecordOptions(
            proxied: value(of: .proxied, else: nil, onRefusal: nil, flag),
            ttl: value(of: .ttl, else: nil, onRefusal: nil, timeToLive)
        )
        let hasChoice = subject.labels[LabelKey.certificate.rawValue] != nil
        let certificate = certificateChoice()
        // Without a profile the certificate is renewed all the same.
        let profile = value(of: .certificateProfile, else: nil, onRefusal: nil, certificateProfile)
        let probe = value(of: .probe, else: .standard, onRefusal: .standard, probeChoice)
        return hosts.map { name, request in
            let target = checked(request.wantsRecord ? target : .none, of: name, .dns)
            let inside = request.wantsRecord ? internalTarget.map { checked($0, of: name, .internalDNS) } : nil
            var choice = hasChoice ? certificate : request.certificate ?? certificate
            if !name.isCertifiable, choice != .none, choice != .wildcard {
                hints.append(
                    ("\(subject.origin): no authority issues a certificate for \(name), as it has a `_`", name)
                )
                choice = .none
            }
            return DesiredHost(
                name: name,
                origin: subject.origin,
                label: request.label,
                target: target,
                internalTarget: inside,
                options: options,
                certificate: choice,
                profile: choice == .none ? nil : profile,
                probe: probe,
                declaration: request.declaration
            )
        }
    }

    /// The target, unless a host would be an alias of itself.
    private mutating func checked(_ target: DNSTarget, of name: DomainName, _ key: LabelKey) -> DNSTarget {
        guard target == .alias(name) else { return target }
        refuse(LabelRejection(name.text, "an alias cannot point at itself"), key)
        return .none
    }

    /// How an object requests a host.
    private struct Request {
        let label: String
        var wantsRecord = true
        /// Nil: its labels decide.
        var certificate: CertificateChoice?
        var declaration: ProxyDeclaration?
    }

    /// Each with the first label that names it; no more than a service may request.
    private mutating func hostNames() -> [DomainName: Request] {
        var names: [DomainName: Request] = [:]
        for label in rules.hostLabels {
            var excess: Set<DomainName> = []
            for part in parts(of: label) {
                do throws(LabelRejection) {
                    let name = try self.names.host(part)
                    if names[name] == nil, names.count >= rules.hostLimit {
                        excess.insert(name)
                    } else {
                        names[name] = names[name] ?? Request(label: label)
                    }
                } catch {
                    rejections.add(error, label)
                }
            }
            if let first = excess.min() { rejections.add(tooMany(excess.count, first), label) }
        }
        return names
    }

    /// The same for what the sources found.
    private mutating func declaredNames() -> [DomainName: Request] {
        var (names, excess): ([DomainName: Request], Set<DomainName>) = ([:], [])
        var first: [DomainName: DeclaredHost] = [:]
        for host in subject.declared {
            do throws(LabelRejection) {
                let name = try self.names.declaredHost(host.name)
                if let known = first[name] {
                    tellContradiction(known, host, name)
                } else if names.count >= subject.limit(rules) {
                    excess.insert(name)
                } else {
                    (first[name], names[name]) = (host, request(host))
                }
            } catch {
                rejections.add(error, host.key)
            }
        }
        if let one = excess.min(), let key = subject.declared.first?.key {
            rejections.add(tooMany(excess.count, one), key)
        }
        return names
    }

    private func request(_ host: DeclaredHost) -> Request {
        let (certificate, reason): (CertificateChoice, String) =
            switch host.certificate {
            case .proxy: (.none, "\(host.source): \(host.reason)")
            case .none: (.none, host.reason)
            case .each: (.each, host.reason)
            case .shared: (.shared(lineage: subject.defaultLineage), host.reason)
            case .open where rules.sources.ordersOpenCertificates:
                (.each, "\(host.reason), and LANDFALL_SOURCE_CERTIFICATES=landfall")
            case .open: (.none, "\(host.reason), and LANDFALL_SOURCE_CERTIFICATES=proxy")
            }
        return Request(
            label: host.key,
            wantsRecord: host.wantsRecord,
            certificate: certificate,
            declaration: ProxyDeclaration(source: host.source, part: host.part, reason: reason)
        )
    }

    /// Two sources that declare one host on one object agree about its certificate, or the first one counts.
    private mutating func tellContradiction(_ first: DeclaredHost, _ other: DeclaredHost, _ name: DomainName) {
        guard first.source != other.source, request(first).certificate != request(other).certificate else { return }
        let text =
            "\(subject.origin) declares \(name) to \(first.source) and to \(other.source), which differ about its "
            + "certificate; \(first.source) counts, because it comes first in LANDFALL_SOURCES"
        hints.append((text, name))
    }

    /// Rejects what a source cannot use.
    private mutating func addUnused() {
        for unused in subject.unused where unused.kind == .rejection {
            rejections.add(LabelRejection(unused.value, unused.reason), unused.key)
        }
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
            "a \(subject.origin.kind) requests at most \(subject.limit(rules)) hosts; LANDFALL_SERVICE_HOSTS raises that"
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

extension Labelled {
    /// A file is of many services.
    fileprivate func limit(_ rules: DiscoveryRules) -> Int {
        origin.kind == .file ? max(rules.hostLimit, 1000) : rules.hostLimit
    }
}

/// The rejections of one service's labels: of each label the first ten, and how many more there are.
private struct RejectionList {
    private let origin: Origin
    private var listed: [Refusal] = []
    /// Of the labels that are listed.
    private var counts: [String: Int] = [:]
    /// A file may declare thousands of routers, each by a key of its own.
    private static let most = 100
    private var unlisted = 0

    init(_ origin: Origin) { self.origin = origin }

    mutating func add(_ rejection: LabelRejection, _ label: String) {
        guard counts[label, default: 0] < LabelLimits.rejections else {
            counts[label, default: 0] += 1
            return
        }
        guard listed.count < Self.most else {
            unlisted += 1
            return
        }
        counts[label, default: 0] += 1
        listed.append(Refusal(origin: origin, label: label, value: rejection.value, reason: rejection.reason))
    }

    var all: [Refusal] {
        let more = counts.filter { $0.value > LabelLimits.rejections }.sorted { $0.key < $1.key }
        let rest = Refusal(
            origin: origin,
            label: listed.last?.label ?? "",
            value: "and \(unlisted) more",
            reason: "only the first \(Self.most) rejections of a \(origin.kind) are listed"
        )
        return listed + (unlisted > 0 ? [rest] : [])
            + more.map { label, count in
                let value = "and \(count - LabelLimits.rejections) more"
                let reason = "only the first \(LabelLimits.rejections) rejections of a label are listed"
                return Refusal(origin: origin, label: label, value: value, reason: reason)
            }
    }
}
