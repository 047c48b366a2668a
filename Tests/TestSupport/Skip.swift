import FoundationEssentials
import Glibc
import Testing

/// Skips the current test, or the current one of its cases.
///
/// The test runner does not report skipped cases. So the reason also goes to the file that `Tests/run.sh` names, which lists
/// all that was skipped at the end.
package func skip(_ reason: String) throws -> Never {
    if let file = ProcessInfo.processInfo.environment["LANDFALL_TEST_SKIPS"], let test = Test.current {
        let name = test.displayName.map { "\"\($0)\"" } ?? test.name
        append("Test \(name) skipped: \"\(reason)\"\n", to: file)
    }
    try Test.cancel(Comment(rawValue: reason))
}

/// One write, so that lines of concurrent tests do not mix.
private func append(_ line: String, to file: String) {
    let descriptor = unsafe open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    let bytes = Array(line.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
}
