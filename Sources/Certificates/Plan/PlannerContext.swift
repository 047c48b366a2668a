public import Model

/// What a plan rests on besides labels, zones, disk and clock.
public struct PlannerContext: Sendable {
    /// The ACME directory that certificates are ordered from.
    public var server: String
    /// What authorities suggest, by certificates' renewal IDs.
    public var windows: [String: RenewalWindow]
    /// What is remembered of lineages: `ordered`, `issued` or `used`.
    public var past: [String: String]
    /// Why the clock is not to be gone by; nil when it is.
    public var clockTrouble: String?
    /// Why nothing may be ordered at all; nil when it may.
    public var obstacle: String?
    /// certbot's own plugin answers challenges, wherever the zone may lie.
    public var pluginAnswers: Bool
    /// Names that resolve only through a wildcard record, which a challenge would take from them.
    public var shadows: Set<DomainName>

    public init(
        server: String = CertbotSettings.production,
        windows: [String: RenewalWindow] = [:],
        past: [String: String] = [:],
        clockTrouble: String? = nil,
        obstacle: String? = nil,
        pluginAnswers: Bool = false,
        shadows: Set<DomainName> = []
    ) {
        (self.server, self.windows, self.past) = (server, windows, past)
        (self.clockTrouble, self.obstacle) = (clockTrouble, obstacle)
        (self.pluginAnswers, self.shadows) = (pluginAnswers, shadows)
    }
}
