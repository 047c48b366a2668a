/// The event stream's times.
public struct ReconnectPolicy: Sendable {
    /// Between two looks at whether the daemon still answers. A hung one keeps its connections and says nothing.
    public var watchInterval: Duration = .seconds(15)
    public var pingLimit: Duration = .seconds(5)
    /// How far before the last event a new subscription begins.
    public var margin: Duration = .seconds(10)
    /// A stream that lasted this long was healthy: the next wait begins small again.
    public var healthy: Duration = .seconds(60)
    public var firstWait: Duration = .milliseconds(500)
    public var longestWait: Duration = .seconds(30)

    public init() {}
}
