import Ports

/// The outside as certbot's surroundings need it.
struct CertbotPorts {
    let files: any Files
    let keys: any KeyFiles
    let locks: any RecordLocks
    let processes: any ProcessRunner
    let clock: any Clock
}
