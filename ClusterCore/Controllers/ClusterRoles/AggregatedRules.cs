using System.Text.Json;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.ClusterRoles;

internal static class AggregatedRules
{
    /// <summary>The rules of every selected role: selector by selector, by name of role, each rule once.</summary>
    public static PolicyRule[] Compute(ClusterRole role, IReadOnlyList<ClusterRole> all)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. (role.AggregationRule?.ClusterRoleSelectors ?? [])
            .SelectMany(selector => all.Where(other => other.Metadata.Name != role.Metadata.Name && selector.Matches(other.Metadata.Labels))
                .OrderBy(other => other.Metadata.Name, StringComparer.Ordinal))
            .SelectMany(other => other.Rules ?? [])
            .Where(rule => seen.Add(JsonSerializer.Serialize(rule, ObjectJson.Default.PolicyRule)))];
    }
}
