import Configuration
import Glibc
import HTTPServer
import Model
import Ports

extension Checkup {
    /// Whether the folders that are written to can be. Nothing is made to find out.
    func checkFolders() -> [Finding] {
        var findings = [Self.folder("state folder", configuration.stateFolder, "LANDFALL_STATE_DIR")]
        if configuration.certificates.isOn {
            findings.append(
                Self.folder("certificates folder", configuration.certificates.folder, "CERTBOT_CONFIG_DIR")
            )
        }
        return findings
    }

    private static func folder(_ subject: String, _ path: String, _ variable: String) -> Finding {
        var nearest = path
        while unsafe access(nearest, F_OK) != 0, nearest != "/" { nearest = parent(of: nearest) }
        guard unsafe access(nearest, W_OK | X_OK) == 0 else {
            return Finding(
                subject,
                isGood: false,
                "\(nearest) cannot be written to: \(systemErrorText(errno))",
                fix: "give it to the user that Landfall runs as, or set \(variable) to another folder"
            )
        }
        return Finding(subject, isGood: true, nearest == path ? path : "\(path), which will be made")
    }

    private static func parent(of path: String) -> String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// Nil where none is wanted, or at a Unix socket, which a look would make.
    func checkStatusPage() async -> Finding? {
        guard case .tcp(let address, let port) = configuration.listen.kind else { return nil }
        let place = configuration.listen.description
        let control = ControlClient(stateFolder: configuration.stateFolder, transport: transport)
        if (try? await control.health()) != nil {
            return Finding("status page", isGood: true, "\(place), where the daemon at work was told to serve it")
        }
        return await finding("status page", fix: "set LANDFALL_LISTEN to an address and port that are free, or to off")
        {
            // Nobody is answered in the moment for which it listens.
            try HTTPServer(listening: .tcp(address: address, port: port)) { _ in .hangUp }.stop()
            return "\(place) is free for it"
        }
    }
}
