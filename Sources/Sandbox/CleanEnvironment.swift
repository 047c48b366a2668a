import FoundationEssentials

/// What of a user's environment a program may see beside the sandbox's variables: nothing that could lead it to the user's
/// engine, provider or chat.
public enum CleanEnvironment {
    private static let harmless: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "TZ", "TMPDIR",
        "CI",
    ]

    public static var current: [String: String] {
        ProcessInfo.processInfo.environment.filter { harmless.contains($0.key) }
    }
}
