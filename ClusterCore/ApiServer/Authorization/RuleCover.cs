namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>Whether rights include others: for who gives rights away, and for roles that must have at least theirs.</summary>
internal static class RuleCover
{
    /// <summary>What of the wanted rules the held ones do not allow, one verb and resource each.</summary>
    public static PolicyRule[] Missing(PolicyRule[] held, IEnumerable<PolicyRule> wanted) =>
        [.. wanted.SelectMany(Single).Where(rule => !Array.Exists(held, own => Covers(own, rule)))];

    /// <summary>One rule per verb and resource, so that each can be covered by a rule of its own.</summary>
    public static IEnumerable<PolicyRule> Single(PolicyRule rule)
    {
        var names = rule.Names.Length == 0 ? [[]] : rule.Names.Select(name => (string[])[name]).ToArray();
        foreach (var verb in rule.Verbs)
        {
            foreach (var group in rule.Groups)
            {
                foreach (var resource in rule.Resources)
                {
                    foreach (var name in names) { yield return new([verb], [group], [resource], name, []); }
                }
            }

            foreach (var path in rule.Paths) { yield return new([verb], [], [], [], [path]); }
        }
    }

    private static bool Covers(PolicyRule own, PolicyRule wanted)
    {
        if (!PolicyRule.Has(own.Verbs, wanted.Verbs[0])) { return false; }
        if (wanted.Paths.Length > 0) { return Array.Exists(own.Paths, path => PolicyRule.PathMatches(path, wanted.Paths[0])); }
        var parts = wanted.Resources[0].Split('/', 2);
        return PolicyRule.Has(own.Groups, wanted.Groups[0])
            && own.AllowsResource(parts[0], parts.Length > 1 ? parts[1] : "")
            && (own.Names.Length == 0 || (wanted.Names.Length > 0 && own.AllowsName(wanted.Names[0])));
    }
}
