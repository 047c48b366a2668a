import Certificates
import Configuration
import Files
import Glibc
import Model
import State
import System
import Timing

extension DependencyCheck {
    /// Checks that Landfall may write to its folders, without creating anything.
    func checkFolders() -> [Finding] {
        var findings = [Self.folder("state folder", configuration.stateFolder, "LANDFALL_STATE_DIR"), checkStore()]
        if configuration.certificates.isOn {
            let folder = configuration.certificates.folder
            findings.append(Self.folder("certificates folder", folder, "CERTBOT_CONFIG_DIR"))
            findings += CertificateFolder.faults(in: folder, files: SystemFiles(), clock: SystemClock())
                .map { Finding("certificates folder", .failed, $0) }
        }
        return findings
    }

    private func checkStore() -> Finding {
        let fix = "let the user that Landfall runs as read \(configuration.storePath), or restore a backup of it"
        do throws(StateError) {
            let now = SystemClock().now
            let notice = try StateStore.inspecting(path: configuration.storePath, at: now).damageNotice(at: now)
            return Finding("state store", notice == nil ? .ok : .failed, notice ?? "can be read")
        } catch {
            return Finding("state store", .failed, error.description, fix: fix)
        }
    }

    private static func folder(_ subject: String, _ path: String, _ variable: String) -> Finding {
        var nearest = path
        while !canAccess(nearest, F_OK), nearest != "/" { nearest = parent(of: nearest) }
        guard canAccess(nearest, W_OK | X_OK) else {
            return Finding(
                subject,
                .failed,
                "\(nearest) is not writable: \(systemErrorText(errno))",
                fix: "make it writable for the user that Landfall runs as, or set \(variable) to another folder"
            )
        }
        return Finding(subject, .ok, nearest == path ? path : "\(path), which will be created")
    }

    private static func parent(of path: String) -> String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        return end == path.startIndex ? "/" : String(path[..<end])
    }
}
