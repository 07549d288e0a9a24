using Flotilla.ClusterCore.Scheduler.Configuration;

namespace Flotilla.ClusterCore.Scheduler.Framework;

/// <summary>The plugins one scheduler name stands for, each list in the order of its extension point.</summary>
internal sealed class Profile
{
    // Skipped filters and scores are bits of one word.
    private const int MostPlugins = 64;

    /// <param name="defaults">On unless the sets turn them off.</param>
    /// <exception cref="SchedulerConfigurationException">The sets name what is not there, or leave out what cannot be.</exception>
    public Profile(string schedulerName, IReadOnlyDictionary<string, IPlugin> registry, PluginReference[] defaults, PluginSets sets)
    {
        SchedulerName = schedulerName;
        var expansion = new PluginExpansion(registry, sets.MultiPoint.Over(defaults));
        PreEnqueue = Of<IPreEnqueuePlugin>(expansion, "PreEnqueue", sets.PreEnqueue);
        QueueSorts = Of<IQueueSortPlugin>(expansion, "QueueSort", sets.QueueSort);
        PreFilters = Of<IPreFilterPlugin>(expansion, "PreFilter", sets.PreFilter);
        Filters = Of<IFilterPlugin>(expansion, "Filter", sets.Filter);
        PostFilters = Of<IPostFilterPlugin>(expansion, "PostFilter", sets.PostFilter);
        PreScores = Of<IPreScorePlugin>(expansion, "PreScore", sets.PreScore);
        Scores = [.. expansion.Of<IScorePlugin>("Score", sets.Score)];
        Reserves = Of<IReservePlugin>(expansion, "Reserve", sets.Reserve);
        Permits = Of<IPermitPlugin>(expansion, "Permit", sets.Permit);
        PreBinds = Of<IPreBindPlugin>(expansion, "PreBind", sets.PreBind);
        Binds = Of<IBindPlugin>(expansion, "Bind", sets.Bind);
        _ = Of<IPostBindPlugin>(expansion, "PostBind", sets.PostBind);
        Check(expansion);
        Registrations = InUse().Distinct().ToDictionary(plugin => plugin.Name, plugin => plugin.Events.ToArray(), StringComparer.Ordinal);
    }

    public string SchedulerName { get; }

    public IPreEnqueuePlugin[] PreEnqueue { get; }

    public IQueueSortPlugin QueueSort => QueueSorts[0];

    public IPreFilterPlugin[] PreFilters { get; }

    public IFilterPlugin[] Filters { get; }

    public IPostFilterPlugin[] PostFilters { get; }

    public IPreScorePlugin[] PreScores { get; }

    public (IScorePlugin Plugin, int Weight)[] Scores { get; }

    public IReservePlugin[] Reserves { get; }

    public IPermitPlugin[] Permits { get; }

    public IPreBindPlugin[] PreBinds { get; }

    public IBindPlugin[] Binds { get; }

    public IReadOnlyDictionary<string, EventRegistration[]> Registrations { get; }

    private IQueueSortPlugin[] QueueSorts { get; }

    private static T[] Of<T>(PluginExpansion expansion, string point, PluginSet set) where T : class, IPlugin =>
        [.. expansion.Of<T>(point, set).Select(one => one.Plugin)];

    private IEnumerable<IPlugin> InUse() =>
        [.. PreEnqueue, .. PreFilters, .. Filters, .. PostFilters, .. PreScores, .. Scores.Select(one => one.Plugin), .. Reserves, .. Permits, .. PreBinds, .. Binds];

    private void Check(PluginExpansion expansion)
    {
        List<string> problems = [.. expansion.Problems];
        if (QueueSorts.Length != 1)
        {
            problems.Add($"exactly one queue sort plugin required for profile with scheduler name \"{SchedulerName}\", but got {QueueSorts.Length}");
        }
        if (Binds.Length == 0) { problems.Add($"at least one bind plugin is needed for profile with scheduler name \"{SchedulerName}\""); }
        if (Filters.Length > MostPlugins || Scores.Length > MostPlugins) { problems.Add($"more than {MostPlugins} filter or score plugins"); }
        if (problems.Count > 0) { throw new SchedulerConfigurationException(string.Join("; ", problems)); }
    }
}
