public import Model
import State

/// The first line of a recording: everything that the session began with.
///
/// A recording holds one session of the daemon from its beginning on; a session keeps nothing that is not here.
public struct Header: Sendable, Codable {
    public static let currentFormat = 2

    public let format: Int
    /// The version of Landfall.
    public let version: String
    public let started: Timestamp
    /// Why the session began: its first trigger.
    public let beginning: String
    /// The path of the program that certbot calls back.
    public let program: String
    /// The variables that the configuration was read from. Each secret is replaced by a word of the same form.
    public let environment: [String: String]
    /// The form of `state`; nil for that of Landfall 0.1.0.
    public let stateVersion: Int?
    /// The state store: namespace → key → text.
    public let state: [String: [String: String]]

    public init(
        version: String,
        started: Timestamp,
        beginning: String,
        program: String,
        environment: [String: String],
        state: [String: [String: String]]
    ) {
        format = Self.currentFormat
        self.version = version
        self.started = started
        self.beginning = beginning
        self.program = program
        self.environment = environment
        stateVersion = StateMigration.version
        self.state = state
    }
}
