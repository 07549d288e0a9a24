using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Bootstrap;

/// <summary>
/// Gives default roles and bindings back what has been taken from them, or is new with this version; what was added stays.
/// Who does not want that annotates the object with <c>autoupdate: "false"</c>.
/// </summary>
internal static class RoleReconciliation
{
    public const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";

    /// <summary>The object as it should be; null when it is so already, or is not to be touched.</summary>
    public static JsonObject? Compute(JsonObject wanted, JsonObject current)
    {
        if (current.Metadata()?.Object("annotations")?.Text(AutoUpdate) == "false") { return null; }
        var next = current.DeepClone().AsObject();
        foreach (var map in (string[])["labels", "annotations"]) { AddMissing(wanted.Metadata()!.Object(map), next.Ensure("metadata").Ensure(map)); }
        if (wanted.Object("aggregationRule") is { } aggregation) { AddMissing(next.Ensure("aggregationRule"), "clusterRoleSelectors", aggregation.Items("clusterRoleSelectors")); }
        else if (wanted["rules"] is not null) { AddRules(wanted, next); }
        if (wanted["roleRef"] is { } reference)
        {
            // What a binding binds cannot change: one that was made anew for another role is taken back.
            if (!JsonNode.DeepEquals(next["roleRef"], reference)) { next["roleRef"] = reference.DeepClone(); }
            AddMissing(next, "subjects", wanted.Items("subjects"));
        }

        return JsonNode.DeepEquals(next, current) ? null : next;
    }

    private static void AddRules(JsonObject wanted, JsonObject next)
    {
        if (JsonNode.DeepEquals(wanted["rules"], next["rules"])) { return; }
        var missing = RuleCover.Missing(PolicyRule.ReadAll(next), PolicyRule.ReadAll(wanted));
        if (missing.Length == 0) { return; }
        if (next["rules"] is not JsonArray rules) { next["rules"] = rules = []; }
        foreach (var rule in missing) { rules.Add((JsonNode)rule.ToJson()); }
    }

    private static void AddMissing(JsonObject? wanted, JsonObject map)
    {
        foreach (var (name, value) in wanted ?? []) { map[name] ??= value?.DeepClone(); }
    }

    private static void AddMissing(JsonObject owner, string name, IEnumerable<JsonObject> wanted)
    {
        foreach (var item in wanted.Where(item => !owner.Items(name).Any(own => JsonNode.DeepEquals(own, item))).ToArray())
        {
            if (owner[name] is not JsonArray list) { owner[name] = list = []; }
            list.Add(item.DeepClone());
        }
    }
}
