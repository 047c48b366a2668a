import Model
import Ports
import TestSupport
import Testing

/// The unit, as systemd's own programs see it.
@Suite(.enabled(if: Disk.exists("/usr/bin/systemd-analyze"), "needs systemd"))
struct UnitTests {
    private static let unit = "\(Checkout.top)/deploy/landfall.service"

    @Test func `systemd finds nothing to say about it`() async throws {
        try await withFolder { folder in
            let text = try #require(Disk.text(Self.unit))
            #expect(text.contains("ExecStart=/usr/bin/landfall run"))
            let copy = "\(folder)/landfall.service"
            try Disk.write(text.replacing("/usr/bin/landfall run", with: "\(LandfallProgram.path) run"), to: copy)
            let result = try await Checkout.run(["systemd-analyze", "verify", "--man=no", copy])
            #expect(result.end == .exited(0))
            #expect(result.errorText.isEmpty && result.outputText.isEmpty, "\(result.errorText)\(result.outputText)")
        }
    }

    @Test func `it is exposed little: 3 of 10 at the most`() async throws {
        let result = try await Checkout.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager", Self.unit]
        )
        #expect(result.end == .exited(0), "\(result.outputText.suffix(200))")
        #expect(result.outputText.contains("Overall exposure level for landfall.service"))
    }
}
