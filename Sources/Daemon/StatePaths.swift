/// What lies in `LANDFALL_STATE_DIR`, besides what certbot needs for a run.
struct StatePaths {
    let folder: String

    var store: String { "\(folder)/state.sqlite" }
    var lock: String { "\(folder)/lock" }
    var socket: String { "\(folder)/landfall.sock" }
}
