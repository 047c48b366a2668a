import Configuration
import Discovery
import Docker
import Files
import Model
import Pipeline
import Report
import State
import Timing

extension DependencyCheck {
    private var sources: SourceSettings { configuration.discovery.sources }

    /// What each source finds, and which proxies are told hosts that no source reads. What the engine does not say has a finding
    /// of its own.
    func checkSources() async -> [Finding] {
        let own = await discovered(sources)
        return (sources.readsMore ? findings(own) : []) + (await hintsOnOthers(besides: own))
    }

    private func discovered(_ sources: SourceSettings) async -> Discovered? {
        guard let store = try? StateStore.inMemory() else { return nil }
        let engine = EngineClient(configuration.engine, transport: transport)
        let rules = configuration.discovery.reading(sources)
        let discovery = Discovery(
            engine: engine,
            rules: rules,
            files: SystemFiles(),
            state: store,
            clock: SystemClock()
        )
        return await discovery.discover().value
    }

    private func findings(_ discovered: Discovered?) -> [Finding] {
        guard let discovered else { return [] }
        let store = try? StateStore.inspecting(path: configuration.storePath, at: SystemClock().now)
        let waiting = store.map { SourceStore(state: $0).waiting(among: sources) } ?? []
        let unreadable = discovered.problems.map { problem in
            let fix = "mount the folder into Landfall's container, and let its user read it"
            return Finding("source traefik-file", .failed, problem, fix: fix)
        }
        return unreadable
            + sources.names.filter { $0 != .landfall }.compactMap { source in
                let names = Set(discovered.hosts.filter { $0.declaration?.source == source.rawValue }.map(\.name))
                guard !names.isEmpty else {
                    // Why nothing is found is said above.
                    guard source != .traefikFile || unreadable.isEmpty else { return nil }
                    let text = "nothing declares a host to it that could be used; `landfall plan` says what is refused"
                    return Finding("source \(source.rawValue)", .notTried, text)
                }
                let wait = "waits until `landfall once --accept-source \(source.rawValue)` accepts them"
                let state = waiting.contains(source.rawValue) ? "; it \(wait)" : ""
                return Finding("source \(source.rawValue)", .ok, "\(Self.list(names))\(state)")
            }
    }

    /// For hosts that are declared, and whose source is not switched on.
    private func hintsOnOthers(besides own: Discovered?) async -> [Finding] {
        let others = SourceSettings.Name.allCases.filter { !sources.names.contains($0) && $0 != .traefikFile }
        guard let own, let found = await discovered(sources.reading(others)) else { return [] }
        let known = Set(own.hosts.map(\.name))
        let names = Dictionary(grouping: found.hosts) {
            $0.declaration?.source ?? SourceSettings.Name.landfall.rawValue
        }
        .mapValues { Set($0.map(\.name)).subtracting(known) }
        return others.compactMap { source in
            guard let names = names[source.rawValue], !names.isEmpty else { return nil }
            let fix =
                "add \(source.rawValue) to LANDFALL_SOURCES, as docs/sources.md says, if Landfall is to serve them too"
            let text = "\(Self.list(names)), which Landfall does not read"
            return Finding("source \(source.rawValue)", .notTried, text, fix: fix)
        }
    }

    private static func list(_ names: Set<DomainName>) -> String {
        let list = names.sorted().map(\.text).shortened(to: 10).joined(separator: ", ")
        return "\(names.count == 1 ? "1 host is" : "\(names.count) hosts are") declared to it: \(list)"
    }
}
