import Crypto
public import Model

/// A message on its way to one notifier. It is the same however often it is delivered.
public struct Notice: Sendable, Hashable, Codable {
    /// A hash of what it says and of its number among those of its notifier: whoever gets it twice can tell.
    public let id: String
    /// When it was known.
    public let time: Timestamp
    public let message: Message

    public init(id: String, time: Timestamp, message: Message) {
        (self.id, self.time, self.message) = (id, time, message)
    }

    /// - Parameters:
    ///   - number: what makes it differ from an earlier one of the same words.
    ///   - instance: whose it is.
    init(_ message: Message, number: Int, of instance: String, at time: Timestamp) {
        let words = [instance, "\(number)", message.title] + message.lines.map(\.marked)
        let digest = Digest.sha256(Array(words.joined(separator: "\n").utf8))
        self.init(id: String(digest.prefix(32)), time: time, message: message)
    }
}
