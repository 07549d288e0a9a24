using Flotilla.ClusterCore.Scheduler.Configuration;

namespace Flotilla.ClusterCore.Scheduler.Framework;

/// <summary>
/// Which plugins an extension point has, in order: first those that the point's own list names of the MultiPoint ones (to give
/// them another place or weight), then the other MultiPoint ones that have this point, then the rest of the point's own list.
/// </summary>
internal sealed class PluginExpansion(IReadOnlyDictionary<string, IPlugin> registry, PluginSet multiPoint)
{
    private readonly List<string> problems = [];

    public IReadOnlyList<string> Problems => problems;

    public IReadOnlyList<(T Plugin, int Weight)> Of<T>(string point, PluginSet own) where T : class, IPlugin
    {
        Check(multiPoint.Enabled, "MultiPoint");
        Check(own.Enabled, point);
        var everywhere = Array.FindAll(multiPoint.Enabled, one => registry.GetValueOrDefault(one.Name) is T && !own.Disables(one.Name));
        var overriding = Array.FindAll(own.Enabled, one => Array.Exists(everywhere, other => other.Name == one.Name));
        return
        [
            .. overriding.SelectMany(Find<T>),
            .. everywhere.Where(one => !Array.Exists(overriding, other => other.Name == one.Name)).SelectMany(Find<T>),
            .. own.Enabled.Except(overriding).SelectMany(one => Find<T>(one, point)),
        ];
    }

    private IEnumerable<(T, int)> Find<T>(PluginReference reference) where T : class, IPlugin =>
        registry.GetValueOrDefault(reference.Name) is T plugin ? [(plugin, Math.Max(1, reference.Weight))] : [];

    private IEnumerable<(T, int)> Find<T>(PluginReference reference, string point) where T : class, IPlugin
    {
        if (registry.ContainsKey(reference.Name) && registry[reference.Name] is not T)
        {
            problems.Add($"plugin \"{reference.Name}\" does not extend {point} plugin");
        }
        return Find<T>(reference);
    }

    private void Check(PluginReference[] enabled, string point)
    {
        for (var index = 0; index < enabled.Length; index++)
        {
            var name = enabled[index].Name;
            var problem = !registry.ContainsKey(name) ? $"{point} plugin \"{name}\" does not exist"
                : Array.FindIndex(enabled, one => one.Name == name) < index ? $"plugin \"{name}\" already registered as \"{point}\""
                : null;
            if (problem is not null && !problems.Contains(problem)) { problems.Add(problem); }
        }
    }
}
