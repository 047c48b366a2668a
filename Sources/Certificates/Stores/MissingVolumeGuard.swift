import Model

/// Whether a store that holds nothing is believed to be one that never held anything. *Unreadable is not missing*: a volume
/// that was not mounted looks like a new one.
public enum MissingVolumeGuard {
    /// What a person says who knows that it is empty.
    public static let confirmation = "empty-store"

    /// - Returns: Why it is not believed; nil when it is, or is not empty.
    static func trouble(
        _ directory: String,
        _ onDisk: [String: LineageOnDisk],
        past: [String: String],
        recordsAreOurs: () -> Bool
    ) -> String? {
        guard onDisk.values.allSatisfy({ $0 == .absent }) else { return nil }
        let known = past.filter {
            [LineageStore.LineageOrigin.issued, .used].contains(LineageStore.LineageOrigin(rawValue: $0.value))
        }
        .keys.sorted()
        let reason: String
        if let first = known.first {
            let others = known.count > 1 ? " and \(known.count - 1) more" : ""
            reason = "yet \(first)\(others) was there"
        } else if past[LineageStore.begun] == nil, recordsAreOurs() {
            reason = "yet records of this instance stand in DNS, so it has worked before"
        } else {
            return nil
        }
        return "\(directory) holds no certificate, \(reason); is the right volume mounted? Nothing is ordered until "
            + "`landfall once --confirm-empty-store`"
    }
}
