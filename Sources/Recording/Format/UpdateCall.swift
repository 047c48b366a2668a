/// A zone as a name server gave it to whoever holds a key, or a change of it.
public struct UpdateCall: Sendable, Codable {
    public enum Operation: String, Sendable, Codable { case transfer, update }

    public enum Result: Sendable, Codable {
        /// `ZoneRecord`s, as JSON.
        case records(payload: Payload)
        case done
    }

    public enum Failure: Sendable, Codable {
        case unreachable(reason: String)
        case silent
        case malformed
        case unsigned
        case tooLarge
        case refused(code: Int, keyError: Int)
    }

    public let operation: Operation
    /// `ADDRESS:PORT`.
    public let server: String
    /// The zone; for an update the message, in nsupdate's language.
    public let message: String
    public let answer: Answer<Result, Failure>

    public init(_ operation: Operation, server: String, message: String, answer: Answer<Result, Failure>) {
        (self.operation, self.server, self.message, self.answer) = (operation, server, message, answer)
    }

    var request: String { Self.request(operation, server, message) }

    static func request(_ operation: Operation, _ server: String, _ message: String) -> String {
        "\(operation.rawValue) @\(server) \(message)"
    }
}
