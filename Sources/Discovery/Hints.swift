import Docker
import Model

/// Finds labels that do nothing where they are, and says where they would.
struct Hints {
    let rules: DiscoveryRules

    /// In a Swarm, service labels request hosts, and container labels request signals.
    ///
    /// - Parameter isDeclaredElsewhere: whether a source reads hosts from it.
    func hints(on service: Service, isDeclaredElsewhere: Bool = false) -> [String] {
        let origin = Origin(kind: .service, id: service.id, name: service.name)
        let misplacedHosts = serviceKeys.filter { service.containerLabels[$0] != nil && service.labels[$0] == nil }
        let misplacedSignals = signalKeys.filter {
            service.labels[$0] != nil && service.containerLabels[$0] == nil
        }
        return misplacedHosts.map {
            "\(origin): \($0) is a container label and does nothing there; write it under `deploy: labels:`"
        }
            + misplacedSignals.map {
                "\(origin): \($0) is a service label and does nothing there; write it under `labels:` beside `image:`, not under `deploy:`"
            }
            + (isDeclaredElsewhere ? [] : withoutHost(service.labels, origin))
            + withoutSignal(service.containerLabels, origin)
            + unknown(Array(service.labels.keys) + service.containerLabels.keys, origin)
    }

    func hints(on container: Container, isDeclaredElsewhere: Bool = false) -> [String] {
        let origin = Origin(kind: .container, id: container.id, name: container.name)
        let secret = LabelKey.secret.rawValue
        let misplaced = container.labels[secret].map { _ in
            "\(origin): \(secret) does nothing outside of a Swarm's services"
        }
        return [misplaced].compactMap(\.self)
            + (isDeclaredElsewhere ? [] : withoutHost(container.labels, origin))
            + withoutSignal(container.labels, origin) + unknown(Array(container.labels.keys), origin)
    }

    private var serviceKeys: [String] { rules.hostLabels + (LabelKey.neighbours + [.secret]).map(\.rawValue) }
    private var signalKeys: [String] { rules.signalLabels + [LabelKey.signalHosts.rawValue] }

    /// A label that limits a signal which no label requests.
    private func withoutSignal(_ labels: [String: String], _ origin: Origin) -> [String] {
        let hosts = LabelKey.signalHosts.rawValue
        guard labels[hosts] != nil, !rules.signalLabels.contains(where: { labels[$0] != nil }) else { return [] }
        return ["\(origin): \(hosts) does nothing without \(LabelKey.signal.rawValue)"]
    }

    /// Labels for hosts that no label requests, or for a shared certificate of a label that requests none.
    private func withoutHost(_ labels: [String: String], _ origin: Origin) -> [String] {
        let present = LabelKey.neighbours.filter { labels[$0.rawValue] != nil }
        guard rules.hostLabels.contains(where: { labels[$0] != nil }) else {
            return present.map { "\(origin): \($0.rawValue) does nothing without \(LabelKey.host.rawValue)" }
        }
        let isShared = labels[LabelKey.certificate.rawValue]?.trimmed.lowercased() == "shared"
        guard !isShared, present.contains(.certificateName) else { return [] }
        return [
            "\(origin): \(LabelKey.certificateName.rawValue) only matters with \(LabelKey.certificate.rawValue)=shared"
        ]
    }

    private func unknown(_ keys: [String], _ origin: Origin) -> [String] {
        let known = Set(LabelKey.allCases.map(\.rawValue) + rules.hostLabels + rules.signalLabels)
        let unknown = Set(keys).filter { $0.hasPrefix(LabelKey.prefix) && !known.contains($0) }.sorted()
        let more = unknown.count - LabelLimits.rejections
        let rest = more > 0 ? ["\(origin): \(more) more labels are none of Landfall"] : []
        return rest
            + unknown.prefix(LabelLimits.rejections).map { key in
                let guess = closest(to: key, among: known.sorted()).map { "; did you mean \($0)?" } ?? ""
                return "\(origin): \(sanitized(key, limit: 60)) is no label of Landfall\(guess)"
            }
    }
}

/// The closest candidate within an edit distance of two, or nil.
func closest(to word: String, among candidates: [String]) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    return candidates.map { ($0, editDistance(word, $0)) }.filter { $0.1 <= 2 }.min { $0.1 < $1.1 }?.0
}

/// Levenshtein's distance: insertions, deletions and substitutions.
func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, byte) in left.utf8.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let above = row[column + 1]
            row[column + 1] = min(above + 1, row[column] + 1, diagonal + (byte == right[column] ? 0 : 1))
            diagonal = above
        }
    }
    return row[right.count]
}
