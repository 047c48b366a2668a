public import Model

public struct ProcessCall: Sendable, Codable {
    public enum End: Sendable, Codable {
        case exited(status: Int32)
        case signalled(signal: Int32)
        case timedOut
        case cancelled
    }

    public struct Result: Sendable, Codable {
        public let end: End
        public let output: Payload
        public let error: Payload
        public let truncated: Bool

        public init(end: End, output: Payload, error: Payload, truncated: Bool) {
            (self.end, self.output, self.error, self.truncated) = (end, output, error, truncated)
        }
    }

    public enum Failure: Sendable, Codable {
        case notFound(program: String)
        case notStarted(program: String, reason: String)
    }

    /// The environment is not recorded.
    public let arguments: [String]
    /// What the program was given to read.
    public let input: Payload?
    public let answer: Answer<Result, Failure>

    public init(arguments: [String], input: Payload?, answer: Answer<Result, Failure>) {
        (self.arguments, self.input, self.answer) = (arguments, input, answer)
    }

    var request: String { arguments.joined(separator: " ") }
}

public struct DNSCall: Sendable, Codable {
    public struct Record: Sendable, Codable {
        public let name: String
        public let kind: String
        public let content: String

        public init(name: String, kind: String, content: String) {
            (self.name, self.kind, self.content) = (name, kind, content)
        }
    }

    public struct Response: Sendable, Codable {
        public let code: Int
        public let authoritative: Bool
        public let answers: [Record]
        public let authority: [Record]
        public let additional: [Record]

        public init(code: Int, authoritative: Bool, answers: [Record], authority: [Record], additional: [Record]) {
            self.code = code
            self.authoritative = authoritative
            self.answers = answers
            self.authority = authority
            self.additional = additional
        }
    }

    public enum Failure: String, Sendable, Codable { case unreachable, malformed }

    public let name: String
    public let kind: String
    public let recursionDesired: Bool
    /// `ADDRESS:PORT`.
    public let server: String
    public let answer: Answer<Response, Failure>

    public init(
        name: String,
        kind: String,
        recursionDesired: Bool,
        server: String,
        answer: Answer<Response, Failure>
    ) {
        self.name = name
        self.kind = kind
        self.recursionDesired = recursionDesired
        self.server = server
        self.answer = answer
    }

    var request: String { Self.request(kind, name, server, recursionDesired) }

    static func request(_ kind: String, _ name: String, _ server: String, _ recursionDesired: Bool) -> String {
        "\(kind) \(name) @\(server)\(recursionDesired ? " rd" : "")"
    }
}

public struct FileCall: Sendable, Codable {
    public enum Operation: String, Sendable, Codable {
        case read, list, information, write, makeDirectory, link, remove, grant
    }

    public enum Result: Sendable, Codable {
        /// What was read.
        case content(payload: Payload)
        /// In place of what nobody else may see: private keys and accounts.
        case withheld(bytes: Int)
        case names(list: [String])
        case information(kind: String, size: Int, modified: Timestamp)
        case done
        /// Whether permissions had to be changed.
        case granted(change: Bool)
    }

    public enum Failure: Sendable, Codable {
        case missing(path: String)
        case failed(path: String, reason: String)
    }

    public let operation: Operation
    public let path: String
    public let answer: Answer<Result, Failure>

    public init(_ operation: Operation, path: String, answer: Answer<Result, Failure>) {
        (self.operation, self.path, self.answer) = (operation, path, answer)
    }

    var request: String { "\(operation.rawValue) \(path)" }
}

/// An advisory lock, as certbot takes them.
public struct LockCall: Sendable, Codable {
    public enum Operation: String, Sendable, Codable { case take, isHeldElsewhere }

    public let operation: Operation
    public let path: String
    public let answer: Answer<Bool, FileCall.Failure>

    public init(_ operation: Operation, path: String, answer: Answer<Bool, FileCall.Failure>) {
        (self.operation, self.path, self.answer) = (operation, path, answer)
    }

    var request: String { "\(operation.rawValue) \(path)" }
}

/// A private key, of which only the public half's fingerprint is told.
public struct KeyCall: Sendable, Codable {
    public let path: String
    public let answer: Answer<Fingerprint, FileCall.Failure>

    public init(path: String, answer: Answer<Fingerprint, FileCall.Failure>) {
        (self.path, self.answer) = (path, answer)
    }

    var request: String { path }

    /// In the path's place, when the key itself was read; of which nothing is told.
    static func content(of path: String) -> String { "content of \(path)" }
}

/// The addresses of a network interface.
public struct InterfaceCall: Sendable, Codable {
    public struct Address: Sendable, Codable {
        public let address: IPAddress
        public let isTemporary: Bool

        public init(address: IPAddress, isTemporary: Bool) {
            (self.address, self.isTemporary) = (address, isTemporary)
        }
    }

    public enum Failure: Sendable, Codable {
        case missing
        case failed(reason: String)
    }

    public let name: String
    public let answer: Answer<[Address], Failure>

    public init(name: String, answer: Answer<[Address], Failure>) {
        (self.name, self.answer) = (name, answer)
    }

    var request: String { name }
}

/// The certificate that a server shows for a name.
public struct ProbeCall: Sendable, Codable {
    public let name: String
    public let endpoint: ProbeEndpoint
    /// As PEM.
    public let answer: Answer<Payload, TransportFailure>

    public init(name: String, endpoint: ProbeEndpoint, answer: Answer<Payload, TransportFailure>) {
        (self.name, self.endpoint, self.answer) = (name, endpoint, answer)
    }

    var request: String { Self.request(name, endpoint) }

    static func request(_ name: String, _ endpoint: ProbeEndpoint) -> String { "\(name) @\(endpoint)" }
}
