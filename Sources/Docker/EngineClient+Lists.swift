import Model
import Ports

/// Lists of the engine. What labels hold decides how long they are, so a long one is read in parts: the memory that it
/// takes is that of one part.
extension EngineClient {
    /// The length of one answer. 1,000 common services stay below.
    private static let limit = 2 << 20

    /// The length of an answer with one object, which cannot be parted: none may keep the others from being read.
    private static let objectLimit = 16 << 20

    /// The digits of the IDs that a Swarm gives.
    private static let digits = "0123456789abcdefghijklmnopqrstuvwxyz"

    /// How many digits an ID has.
    private static let lengthOfID = 25

    /// An engine that never ends must take neither all memory nor all time. A thousand services as long as can be need some
    /// ten thousand answers.
    private static let (mostObjects, mostAnswers) = (100_000, 50_000)

    /// The Swarm's objects of a kind. A filter by ID means all that begin with it
    /// (https://github.com/moby/swarmkit/blob/master/api/control.proto, `id_prefixes`).
    func list<Element: EngineAnswer>(
        _ path: String,
        _ filters: [String: JSONValue] = [:]
    ) async throws(EngineError) -> [Element] {
        var (elements, prefixes): ([Element], [String]) = ([], [""])
        var answers = 0
        while let prefix = prefixes.popLast() {
            answers += 1
            guard answers <= Self.mostAnswers, elements.count <= Self.mostObjects else { throw Self.endless(path) }
            let filters = prefix.isEmpty ? filters : filters.merging(["id": [.string(prefix)]]) { $1 }
            let isWhole = prefix.utf8.count >= Self.lengthOfID
            do throws(EngineError) {
                let query = filters.isEmpty ? [] : [("filters", "\(JSONValue.object(filters))")]
                let limit = isWhole ? Self.objectLimit : Self.limit
                let part: [Element] = try await get(path, query: query, bodyLimit: limit)
                elements += part
            } catch {
                guard error.isOfLength, !isWhole else { throw error }
                prefixes += Self.digits.reversed().map { "\(prefix)\($0)" }
            }
        }
        return elements
    }

    private static func endless(_ path: String) -> EngineError { .undecodable("a list at \(path) that does not end") }

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
        while containers.count <= Self.mostObjects {
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
