/// What a run was not able to see: what is missing of it in the standings is neither over nor forgotten.
public struct Unobserved: Sendable, Hashable {
    public static let nothing = Unobserved()
    public static let everything = Unobserved(beginnings: [""])

    /// Of the keys of what was not seen.
    private let beginnings: Set<String>
    private let keys: Set<String>

    /// - Parameters:
    ///   - beginnings: `record/` hides all records.
    ///   - keys: of single things.
    public init(beginnings: Set<String> = [], keys: Set<String> = []) {
        (self.beginnings, self.keys) = (beginnings, keys)
    }

    func hides(_ key: String) -> Bool { keys.contains(key) || beginnings.contains { key.hasPrefix($0) } }
}
