/// How far Landfall may go with records.
public struct RecordPolicy: Hashable, Sendable {
    public enum Mode: String, Sendable {
        /// Creates what is missing and changes what differs; removes nothing.
        case upsert
        /// Creates what is missing, and never changes a record.
        case create
        /// As `upsert`, and deletes what Landfall made and nobody has asked for in `grace`.
        case sync
    }

    /// `LANDFALL_INSTANCE`: whose records are ours.
    public let instance: String
    /// `CLOUDFLARE_PROXIED`: for records that Landfall creates and no label speaks about.
    public let defaultProxied: Bool
    public let mode: Mode
    /// `LANDFALL_DNS_GRACE`: for how long it must be seen that nobody asks for a record before it is deleted.
    public let grace: Duration

    public init(instance: String, defaultProxied: Bool, mode: Mode, grace: Duration = .seconds(600)) {
        (self.instance, self.defaultProxied, self.mode, self.grace) = (instance, defaultProxied, mode, grace)
    }
}
