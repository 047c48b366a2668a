import DNS
import Model
import Ports

/// A try against a staging authority, for names that were never certified and failed before: it has a store and an account
/// of its own, never touches `live/`, and what it gets is thrown away.
struct StagingCheck {
    let open: OpenOffice
    let files: any Files

    /// Returns why it did not pass; nil when it did, or when nobody could be asked there: a detour that is closed must not
    /// keep anybody from the authority itself.
    func failure(
        of order: CertificateOrder,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> CertbotFailure? {
        progress("trying against staging")
        let end = await open.fulfil(order, zones: zones) { progress("staging: \($0)") }
        remove(order.step.lineage)
        guard case .failed(let failure) = end, !failure.costsNothing || Task.isCancelled else { return nil }
        return CertbotFailure(
            "tried against staging: \(failure.reason)",
            costsNothing: failure.costsNothing,
            isOurs: failure.isOurs,
            trace: .nothing
        )
    }

    private func remove(_ lineage: String) {
        let store = open.office.settings.configDirectory
        for path in ["live/\(lineage)", "archive/\(lineage)", "renewal/\(lineage).conf"] {
            // What stays is renewed by the next rehearsal.
            try? files.remove("\(store)/\(path)", for: .certificate(lineage))
        }
    }
}
