package import Model
import State

/// The first line of a recording: everything that the session began with.
///
/// A recording holds one session of the daemon from its beginning on; a session keeps nothing that is not here.
package struct Header: Sendable, Codable {
    package static let currentFormat = 2

    package let format: Int
    /// The version of Landfall.
    package let version: String
    package let started: Timestamp
    /// Why the session began: its first trigger.
    package let beginning: String
    /// The path of the program that certbot calls back.
    package let program: String
    /// The variables that the configuration was read from. Each secret is replaced by a word of the same form.
    package let environment: [String: String]
    /// The form of `state`; nil for that of Landfall 0.1.0.
    package let stateVersion: Int?
    /// The state store: namespace → key → text.
    package let state: [String: [String: String]]

    package init(
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
