namespace Flotilla.ClusterCore.Scheduler.Configuration;

/// <summary>Which plugins are on and off, for all extension points they have (<see cref="MultiPoint"/>) or for one.</summary>
public sealed record PluginSets
{
    public PluginSet PreEnqueue { get; set; } = new();
    public PluginSet QueueSort { get; set; } = new();
    public PluginSet PreFilter { get; set; } = new();
    public PluginSet Filter { get; set; } = new();
    public PluginSet PostFilter { get; set; } = new();
    public PluginSet PreScore { get; set; } = new();
    public PluginSet Score { get; set; } = new();
    public PluginSet Reserve { get; set; } = new();
    public PluginSet Permit { get; set; } = new();
    public PluginSet PreBind { get; set; } = new();
    public PluginSet Bind { get; set; } = new();
    public PluginSet PostBind { get; set; } = new();
    public PluginSet MultiPoint { get; set; } = new();
}

public sealed record PluginSet
{
    public PluginReference[] Enabled { get; set; } = [];

    /// <summary>By name; <c>*</c> is all.</summary>
    public PluginReference[] Disabled { get; set; } = [];

    internal bool Disables(string name) => Array.Exists(Disabled, one => one.Name == name || one.Name == "*");

    /// <summary>These defaults with the profile's own set over them: what it turns off is gone, what it sets anew keeps its place.</summary>
    internal PluginSet Over(PluginReference[] defaults) => this with
    {
        Enabled =
        [
            .. defaults.Where(one => !Disables(one.Name)).Select(one => Array.Find(Enabled, own => own.Name == one.Name) ?? one),
            .. Enabled.Where(own => !Array.Exists(defaults, one => one.Name == own.Name && !Disables(one.Name))),
        ],
    };
}

/// <param name="Weight">Of its score; 0 is 1.</param>
public sealed record PluginReference(string Name, int Weight = 0);
