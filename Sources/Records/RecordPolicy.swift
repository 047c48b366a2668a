/// How far Landfall may go with records.
public struct RecordPolicy: Hashable, Sendable {
    public enum Mode: String, Sendable {
        /// Creates what is missing and changes what differs; removes nothing.
        case upsert
        /// Creates what is missing, and never changes a record.
        case create
    }

    /// `LANDFALL_INSTANCE`: whose records are ours.
    public let instance: String
    /// `CLOUDFLARE_PROXIED`: for records that Landfall creates and no label speaks about.
    public let defaultProxied: Bool
    public let mode: Mode

    public init(instance: String, defaultProxied: Bool, mode: Mode) {
        (self.instance, self.defaultProxied, self.mode) = (instance, defaultProxied, mode)
    }
}
