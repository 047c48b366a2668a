import Docker
package import Model

extension Discovery {
    /// Labels that name a host where labels are not read: a sentence each that says where they are read.
    ///
    /// - Parameter names: the spellings that mean the host.
    package func misplacedLabels(naming names: Set<DomainName>) async -> Observation<[String]> {
        do throws(EngineError) {
            let mode = try await engine.mode()
            let containers = try await engine.containers(includingStopped: true).filter { $0.service == nil }
            let leaving = sentences(containers.filter(\.isBeingRemoved), names, "but the container is being removed")
            if case .plain = mode { return .known(leaving) }
            let services = try await engine.services().flatMap { service in
                keys(in: service.containerLabels, naming: names).filter { service.labels[$0] == nil }.map {
                    "service \(sanitized(service.name, limit: 100)): \($0) names it, but as a container label, which is not read;"
                        + " write it under `deploy: labels:`"
                }
            }
            return .known((services + leaving).sorted())
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    private func sentences(_ containers: [Container], _ names: Set<DomainName>, _ reason: String) -> [String] {
        containers.flatMap { container in
            keys(in: container.labels, naming: names).map {
                "container \(sanitized(container.name, limit: 100)): \($0) names it, \(reason)"
            }
        }
    }

    /// Labels for hosts among whose names is one of `names`.
    private func keys(in labels: [String: String], naming names: Set<DomainName>) -> [String] {
        let reader = NameReader(rules: rules)
        return rules.hostLabels.filter { key in
            let value = labels[key] ?? ""
            guard LabelLimits.reason(against: value) == nil else { return false }
            return value.split(separator: ",").contains { part in
                (try? reader.name(part.trimmed)).map(names.contains) ?? false
            }
        }
    }
}

extension Discovered {
    /// Requested names that `name` may be a misspelling of, the most likely first.
    package func names(like name: DomainName) -> [DomainName] {
        let candidates = Set(hosts.map(\.name)).filter { $0.text.utf8.count <= 253 }
        let first = name.labels.first
        let near = candidates.map { (name: $0, editDistance: editDistance(name.text, $0.text)) }
            .filter { $0.editDistance <= 2 || first != "*" && $0.name.labels.first == first }
        return near.sorted { ($0.editDistance, $0.name.text) < ($1.editDistance, $1.name.text) }.prefix(3).map(\.name)
    }

    /// Refused parts of labels that mean one of `names`, or may be misspellings.
    package func refusals(like names: Set<DomainName>) -> [Refusal] {
        refusals.filter { refusal in
            let value = refusal.value.trimmed.lowercased()
            return names.contains { name in
                editDistance(value, name.text) <= 2 || value.contains(name.text)
                    || name.labels.first.map { editDistance(value, String($0)) <= 1 && value.utf8.count > 2 } ?? false
            }
        }
    }
}
