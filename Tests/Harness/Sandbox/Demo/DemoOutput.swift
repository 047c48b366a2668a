import System
import Glibc
import Log

/// Standard output: lines, and on a terminal a status line below them that shows what the demo waits for.
final class DemoOutput: Sendable {
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private let erase = "\r\u{1B}[2K"

    func line(_ text: String = "") { writeLine(isTerminal ? erase + text : text, to: STDOUT_FILENO) }

    func status(_ text: String) {
        guard isTerminal else { return }
        let bytes = Array((erase + text).utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
