import Model
import Ports

/// Lists of the engine. What labels hold decides how long they are, so a long one is read in parts: the memory that it
/// takes is that of one part.
extension EngineClient {
    /// The length of an answer: 1,000 common services stay below. It grows with the digits that the objects share, for then
    /// they are few; and one that cannot be parted must not keep the others from being read.
    private static func limit(below prefix: String) -> Int { min(limit << max(0, prefix.utf8.count - 1), objectLimit) }

    private static let limit = 2 << 20
    private static let objectLimit = 16 << 20

    /// The digits of the IDs that a Swarm gives.
    private static let digits = "0123456789abcdefghijklmnopqrstuvwxyz"

    /// An engine that never ends must take neither all memory nor all time. A thousand services as long as can be need some
    /// three thousand answers.
    private static let (mostObjects, mostAnswers) = (100_000, 10_000)

    /// The Swarm's objects of a kind.
    func list<Element: EngineAnswer>(
        _ path: String,
        _ filters: [String: JSONValue] = [:],
        query: [(String, String)] = []
    ) async throws(EngineError) -> [Element] {
        var (elements, prefixes): ([Element], [String]) = ([], [""])
        var answers = 0
        while let prefix = prefixes.popLast() {
            answers += 1
            guard answers <= Self.mostAnswers, elements.count <= Self.mostObjects else { throw Self.endless(path) }
            do throws(EngineError) {
                elements += try await part(of: path, filters, prefix, query, limit: Self.limit(below: prefix))
            } catch {
                guard error.isOfLength, Self.limit(below: prefix) < Self.objectLimit else { throw error }
                if prefix.isEmpty, try await !isFiltered(path, filters, Element.self) {
                    return try await part(of: path, filters, prefix, query, limit: Self.objectLimit)
                }
                prefixes += Self.digits.reversed().map { "\(prefix)\($0)" }
            }
        }
        return elements
    }

    /// The objects whose IDs begin with `prefix`: that is what a filter by ID means
    /// (https://github.com/moby/swarmkit/blob/master/api/control.proto, `id_prefixes`).
    private func part<Element: EngineAnswer>(
        of path: String,
        _ filters: [String: JSONValue],
        _ prefix: String,
        _ query: [(String, String)] = [],
        limit: Int
    ) async throws(EngineError) -> [Element] {
        let filters = prefix.isEmpty ? filters : filters.merging(["id": [.string(prefix)]]) { $1 }
        let query = query + (filters.isEmpty ? [] : [("filters", "\(JSONValue.object(filters))")])
        return try await get(path, query: query, bodyLimit: limit)
    }

    /// Whether the engine takes notice of a filter by ID: no ID begins with this.
    private func isFiltered<Element: EngineAnswer>(
        _ path: String,
        _ filters: [String: JSONValue],
        _ type: Element.Type
    ) async throws(EngineError) -> Bool {
        do throws(EngineError) {
            let none: [Element] = try await part(of: path, filters, "-", limit: Self.limit)
            return none.isEmpty
        } catch {
            guard error.isOfLength else { throw error }
            return false
        }
    }

    private static func endless(_ path: String) -> EngineError { .undecodable("a list at \(path) that does not end") }

    /// The containers of a Swarm's node that belong to no service, stopped ones too.
    package func standaloneContainers() async throws(EngineError) -> [Container] {
        let query = [("all", "true"), ("filters", #"{"is-task":["false"]}"#)]
        do throws(EngineError) {
            return try await get("/containers/json", query: query, bodyLimit: Self.limit, unrecordedAnswer: "[]")
        } catch {
            guard error.isOfLength else { throw error }
        }
        return try await containersInParts().filter { $0.service == nil }
    }

    /// The containers of this node, stopped ones too when `includingStopped`.
    package func containers(includingStopped: Bool) async throws(EngineError) -> [Container] {
        do throws(EngineError) {
            let query = [("all", includingStopped ? "true" : "false")]
            return try await get("/containers/json", query: query, bodyLimit: Self.limit)
        } catch {
            guard error.isOfLength else { throw error }
        }
        return try await containersInParts().filter { includingStopped || $0.isUp }
    }

    /// All containers, the newest first. With a limit, the engine lists stopped ones as well.
    private func containersInParts() async throws(EngineError) -> [Container] {
        var (containers, size): ([Container], Int) = ([], 64)
        var known: Set<String> = []
        for _ in 0..<Self.mostAnswers where containers.count <= Self.mostObjects {
            let before = containers.last.map { [("filters", "\(["before": [.string($0.id)]] as JSONValue)")] } ?? []
            do throws(EngineError) {
                let query = [("limit", "\(size)")] + before
                let limit = size == 1 ? Self.objectLimit : Self.limit
                let part: [Container] = try await get("/containers/json", query: query, bodyLimit: limit)
                let new = part.filter { known.insert($0.id).inserted }
                containers += new
                if part.count < size { return containers }
                // It takes no notice of where the part begins.
                if new.isEmpty { break }
            } catch {
                guard error.isOfLength, size > 1 else { throw error }
                size /= 2
            }
        }
        throw Self.endless("/containers/json")
    }
}

extension EngineError {
    /// Whether the answer was too long.
    fileprivate var isOfLength: Bool { if case .transport(.tooLarge, _) = self { true } else { false } }
}
