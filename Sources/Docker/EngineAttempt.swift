import Model
import Ports

/// A request of a kind that Landfall makes, in a form that cannot change anything: it names what does not exist, or has a body
/// that is cut off.
package struct EngineAttempt: Sendable {
    let call: EngineCall
    let query: [(String, String)]
    let body: String?

    private init(_ method: HTTPRequest.Method, _ path: String, query: [(String, String)] = [], body: String? = nil) {
        (call, self.query, self.body) = (EngineCall(method, path), query, body)
    }

    /// What reads labels. On a Swarm, containers that belong to no service are read as well.
    ///
    /// - Parameter inspected: a container whose environment is read too; nil where none is.
    package static func discovery(inSwarm: Bool, inspecting inspected: String?) -> [EngineAttempt] {
        let all = [EngineAttempt(.get, "/info"), EngineAttempt(.get, "/containers/json", query: [("limit", "1")])]
        let environments = inspected.map { [EngineAttempt(.get, "/containers/\($0)/json")] } ?? []
        return all + environments
            + (inSwarm ? [EngineAttempt(.get, "/services", query: [("filters", noID)])] : [])
    }

    /// What sends signals to containers of this node.
    package static func signals(to name: String) -> [EngineAttempt] {
        [
            EngineAttempt(.get, "/containers/\(name)/json"),
            EngineAttempt(.post, "/containers/\(name)/kill", query: [("signal", "HUP")]),
        ]
    }

    /// What sends signals by a program in the container.
    package static func programs(in name: String) -> [EngineAttempt] {
        [
            EngineAttempt(.post, "/containers/\(name)/exec", body: cutOff),
            EngineAttempt(.post, "/exec/\(name)/start", body: cutOff), EngineAttempt(.get, "/exec/\(name)/json"),
        ]
    }

    /// What sends signals to containers of other nodes.
    package static func helpers(_ name: String) -> [EngineAttempt] {
        [
            EngineAttempt(.get, "/nodes", query: [("filters", noID)]),
            EngineAttempt(.get, "/tasks", query: [("filters", noID)]), EngineAttempt(.get, "/tasks/\(name)/logs"),
            EngineAttempt(.get, "/images/\(name)/json"), EngineAttempt(.post, "/services/create", body: cutOff),
            EngineAttempt(.delete, "/services/\(name)"),
        ]
    }

    /// What delivers certificates as secrets.
    package static func secrets(_ name: String) -> [EngineAttempt] {
        [
            EngineAttempt(.get, "/secrets", query: [("filters", noID)]),
            EngineAttempt(.post, "/secrets/create", body: cutOff), EngineAttempt(.delete, "/secrets/\(name)"),
            EngineAttempt(.get, "/services/\(name)"),
            EngineAttempt(.post, "/services/\(name)/update", query: [("version", "0")], body: cutOff),
        ]
    }

    private static let cutOff = "{"
    /// No ID begins with this.
    private static let noID = #"{"id":["-"]}"#
}

extension EngineClient {
    /// Returns why requests are not let through to the engine; nothing of those that are, whatever the engine answers.
    package func refusals(of attempts: [EngineAttempt]) async -> [EngineError] {
        var refusals: [EngineError] = []
        for attempt in attempts {
            do throws(EngineError) {
                try await act(attempt.call.method, attempt.call.path, query: attempt.query, text: attempt.body)
            } catch .forbidden(let call, let status, let message) {
                refusals.append(.forbidden(call, status: status, message: message))
            } catch {}
        }
        return refusals
    }

    /// What the engine is: `Docker Engine 20.10.24`, `Podman Engine 4.3.1`.
    package func product() async throws(EngineError) -> String {
        let version: EngineVersion = try await get("/version")
        guard let first = version.components?.first else { return "an engine \(version.version ?? "")" }
        let name = first.name == "Engine" ? "Docker Engine" : first.name
        return sanitized("\(name) \(first.version)", limit: 100)
    }
}

struct EngineVersion: EngineAnswer {
    struct Component: Codable {
        let name: String
        let version: String
        enum CodingKeys: String, CodingKey { case name = "Name", version = "Version" }
    }

    let components: [Component]?
    let version: String?
    enum CodingKeys: String, CodingKey { case components = "Components", version = "Version" }
}
