/// Which configuration a proxy runs, and what became of the reloads.
public struct ConfigurationStatus: Sendable, Hashable {
    /// How many configurations have held so far: 1 from the start, one more with every reload that was applied.
    public var generation = 1
    /// When the present one was applied, in seconds since the Unix epoch.
    public var appliedAt: Double = 0
    public var appliedReloads: UInt64 = 0
    /// Reloads that changed nothing, because the new configuration was wrong or could not be applied.
    public var refusedReloads: UInt64 = 0
    /// Whether the last one was such: what runs is not what the file says.
    public var isLastReloadRefused = false

    public init() {}
}
