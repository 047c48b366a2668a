import Sandbox
import TestSupport
import Testing

/// Bad days: what befalls Landfall and its engine, at moments that chance chooses.
///
/// Each test has a world of its own, so that they run beside all others.
@Suite(
    .enabled(if: SandboxAccess.current != nil, "needs the sandbox: `make test`"),
    .limited(minutes: TestScale.isFull ? 60 : 5)
)
enum ProofTests {}

extension SandboxOptions {
    /// An authority that takes every request at the first time: what is asked twice is then our doing.
    static var exact: SandboxOptions {
        var options = SandboxOptions()
        options.nonceRejections = 0
        return options
    }
}
