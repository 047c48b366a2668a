import Glibc
import Log
import Model

/// Standard output and standard error.
enum Terminal {
    static func print(_ text: String) {
        writeLine(text, to: STDOUT_FILENO)
    }

    static func error(_ text: String) {
        writeLine(text, to: STDERR_FILENO)
    }

    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// The columns of the terminal on standard error; 80 where they are not known.
    static var errorWidth: Int {
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// What a person typed, fit to be shown.
    static func plain(_ text: String) -> String { oneLine(text, limit: 40) }

    /// Pads with spaces to a column.
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
