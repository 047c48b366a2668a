import Sandbox
import Testing

/// The program that serves a world, where there is one: `landfall-sandbox exec` says, and it runs these tests.
enum Program {
    static let path = CleanEnvironment.value("LANDFALL_SANDBOX_PROGRAM")
}
