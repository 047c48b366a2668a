/// A signal that a container can be sent, checked against the names that the engine knows.
public struct SignalName: Hashable, Sendable, CustomStringConvertible {
    /// Without `SIG`: `HUP`.
    public let description: String

    /// Takes `HUP`, `SIGHUP`, any letter case, spaces around it.
    public init?(_ text: some StringProtocol) {
        let upper = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").uppercased()
        let name = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        guard Self.known.contains(name) else { return nil }
        description = name
    }

    static let choices = known.sorted().joined(separator: ", ")

    /// What makes servers reload or reopen; KILL and STOP would only harm.
    private static let known: Set = [
        "HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "WINCH", "CONT", "ALRM", "IO", "URG", "PWR",
    ]
}
