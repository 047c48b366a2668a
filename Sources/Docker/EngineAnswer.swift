import Model
package import Ports

/// An answer of the engine, as far as Landfall reads it: a recording holds exactly what its `Codable` names.
protocol EngineAnswer: Codable, Sendable {
    /// With other labels in place of its own.
    func changingLabels(_ change: ([String: String]) -> [String: String]) -> Self
}

extension EngineAnswer {
    func changingLabels(_ change: ([String: String]) -> [String: String]) -> Self { self }
}

extension Array: EngineAnswer where Element: EngineAnswer {
    func changingLabels(_ change: ([String: String]) -> [String: String]) -> [Element] {
        map { $0.changingLabels(change) }
    }
}

/// `{"message": …}`, in place of an answer.
struct EngineErrorBody: Codable {
    let message: String
}

/// The engine's answers as a recording may hold them.
package enum EngineExtract {
    /// By the API's path, without its version; a `*` stands for one part of it. The first that fits counts.
    private static let answers: [(path: String, type: any EngineAnswer.Type)] = [
        ("/info", Info.self), ("/nodes", [Node].self), ("/tasks", [ServiceTask].self),
        ("/secrets", [SwarmSecret].self), ("/secrets/create", SecretCreated.self), ("/services", [Service].self),
        ("/services/create", ServiceCreated.self), ("/services/*", Service.self),
        ("/containers/json", [Container].self), ("/containers/*/json", ContainerDetails.self),
        ("/containers/*/exec", ExecCreated.self), ("/exec/*/json", ExecDetails.self),
        ("/images/*/json", ImageDetails.self),
    ]

    /// What Landfall reads of a body, in the engine's own form; nothing where it reads nothing. What is unreadable stays so.
    ///
    /// - Parameter labels: the part of an object's labels that is read.
    package static func body(
        of response: HTTPResponse,
        to url: String,
        labels: ([String: String]) -> [String: String]
    ) -> [UInt8] {
        guard (200..<300).contains(response.status) else { return error(of: response) }
        // Landfall reads only the logs of its own short-lived services.
        if isPath("/tasks/*/logs", of: url) { return response.body }
        guard let answer = answers.first(where: { isPath($0.path, of: url) }) else { return [] }
        return extract(answer.type, response, labels) ?? Array(Excerpt(of: response).recorded.utf8)
    }

    private static func extract<Answer: EngineAnswer>(
        _ type: Answer.Type,
        _ response: HTTPResponse,
        _ labels: ([String: String]) -> [String: String]
    ) -> [UInt8]? {
        guard let answer = try? decodeJSON(type, from: response.body) else { return nil }
        return try? encodeJSON(answer.changingLabels(labels))
    }

    private static func error(of response: HTTPResponse) -> [UInt8] {
        let error = try? decodeJSON(EngineErrorBody.self, from: response.body)
        return error.flatMap { try? encodeJSON($0) } ?? Array(Excerpt(of: response).recorded.utf8)
    }

    /// `/v1.43/containers/ID/json?all=true` has the path `/containers/*/json`.
    private static func isPath(_ pattern: String, of url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return false }
        let path = url[scheme.upperBound...].drop { $0 != "/" }.prefix { $0 != "?" }
        let parts = path.split(separator: "/").dropFirst()
        let wanted = pattern.split(separator: "/")
        return parts.count == wanted.count && zip(parts, wanted).allSatisfy { $0 == $1 || $1 == "*" }
    }
}

/// The excerpt of an invalid answer. JSON in another form is left out, as it may hold private data.
struct Excerpt {
    /// For an error.
    let text: String
    /// For a recording: no valid answer either.
    let recorded: String

    init(of response: HTTPResponse) {
        // Trimmed once more, so that a replay reads the same of what is recorded.
        let body = sanitized(response.text.drop(while: \.isWhitespace), limit: 200).trimmed
        switch body.first {
        case nil: (text, recorded) = ("nothing", "")
        case "<": (text, recorded) = ("an HTML page, as a proxy sends it", "<withheld>")
        case "{", "[": (text, recorded) = ("JSON in another form", "[withheld]")
        default: (text, recorded) = (body, body)
        }
    }
}
