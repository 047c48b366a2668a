import Ports
public import Report
public import Timing

/// A part of a body that arrives over time.
public struct StreamPart: Sendable, Codable {
    public enum Content: Sendable, Codable {
        /// One event of the engine, as a line of JSON that holds only what Landfall reads.
        case line(json: String)
        /// A line that was no event, or too long for one.
        case unreadable(bytes: Int)
        case ended
        case failed(error: TransportFailure)
    }

    public let at: Nanoseconds
    public let stream: Int
    public let content: Content

    public init(at: Nanoseconds, stream: Int, content: Content) {
        (self.at, self.stream, self.content) = (at, stream, content)
    }
}

/// What came to the daemon from outside without being asked for.
public struct Arrival: Sendable, Codable {
    public enum Content: Sendable, Codable {
        /// Somebody asked for a run: SIGHUP, `landfall once`.
        /// With the code of what it confirms.
        case request(reason: String, confirmation: String?)
        /// certbot called its hook; the token is not recorded, the lineage tells whose it was.
        case hook(lineage: String, action: String, domain: String, validation: String, remaining: Int)
        /// The session was told to end; a run in flight was abandoned wherever it stood.
        case end
    }

    public let at: Nanoseconds
    public let content: Content

    public init(at: Nanoseconds, content: Content) {
        (self.at, self.content) = (at, content)
    }
}

/// What the daemon decided: these a replay must come to again.
public struct Decision: Sendable, Codable {
    public enum Content: Sendable, Codable {
        /// Something that asks for a run.
        case triggered(reason: String)
        case began(cause: RunCause)
        case ended(report: Report)
    }

    public let at: Nanoseconds
    public let content: Content

    public init(at: Nanoseconds, content: Content) {
        (self.at, self.content) = (at, content)
    }
}
