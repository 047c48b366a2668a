/// The version, as `landfall version` prints it and HTTP requests send it.
package let landfallVersion = "0.1.0"

/// The paths of the files in `LANDFALL_STATE_DIR`, except those that certbot needs for a run.
package struct StatePaths: Sendable {
    private let folder: String

    package init(folder: String) { self.folder = folder }

    package var store: String { "\(folder)/state.sqlite" }
    package var lock: String { "\(folder)/lock" }
    package var socket: String { "\(folder)/landfall.sock" }
}
