namespace Flotilla.ClusterCore.Scheduler.Framework;

/// <summary>The plugins one scheduler name stands for, each list in the order of its extension point.</summary>
internal sealed class Profile
{
    public Profile(string schedulerName, IReadOnlyList<PluginUse> uses)
    {
        SchedulerName = schedulerName;
        Plugins = [.. uses.Select(use => use.Plugin)];
        PreEnqueue = Of<IPreEnqueuePlugin>();
        PreFilters = Of<IPreFilterPlugin>();
        Filters = Of<IFilterPlugin>();
        PostFilters = Of<IPostFilterPlugin>();
        PreScores = Of<IPreScorePlugin>();
        Scores = [.. uses.Where(use => use is { Weight: > 0, Plugin: IScorePlugin }).Select(use => ((IScorePlugin)use.Plugin, use.Weight))];
        Reserves = Of<IReservePlugin>();
        Permits = Of<IPermitPlugin>();
        PreBinds = Of<IPreBindPlugin>();
        Registrations = Plugins.ToDictionary(plugin => plugin.Name, plugin => plugin.Events.ToArray(), StringComparer.Ordinal);
        if (Filters.Length > 64) { throw new ArgumentException("A profile has at most 64 filter plugins.", nameof(uses)); }
    }

    public string SchedulerName { get; }

    public IPlugin[] Plugins { get; }

    public IPreEnqueuePlugin[] PreEnqueue { get; }

    public IPreFilterPlugin[] PreFilters { get; }

    public IFilterPlugin[] Filters { get; }

    public IPostFilterPlugin[] PostFilters { get; }

    public IPreScorePlugin[] PreScores { get; }

    public (IScorePlugin Plugin, int Weight)[] Scores { get; }

    public IReservePlugin[] Reserves { get; }

    public IPermitPlugin[] Permits { get; }

    public IPreBindPlugin[] PreBinds { get; }

    public IReadOnlyDictionary<string, EventRegistration[]> Registrations { get; }

    private T[] Of<T>() => [.. Plugins.OfType<T>()];
}

/// <param name="Weight">Of its score; 0 for plugins that do not score.</param>
internal readonly record struct PluginUse(IPlugin Plugin, int Weight = 0);
