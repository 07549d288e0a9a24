using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.ResourceMetrics;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Bootstrap;

/// <summary>The roles and bindings of every cluster: upstream's, that of the add-on for metrics, and one for this control plane's own controllers.</summary>
internal static class DefaultRoles
{
    public const string Group = "rbac.authorization.k8s.io";
    private const string Controllers = "flotilla:kube-controller-manager";

    public static IEnumerable<JsonObject> All()
    {
        var facts = JsonNode.Parse(ApiCatalog.Default.RbacDefaults())!.AsObject();
        foreach (var role in facts.Items("clusterroles")) { yield return Default(role, "ClusterRole"); }
        foreach (var binding in facts.Items("clusterrolebindings")) { yield return Default(binding, "ClusterRoleBinding"); }
        foreach (var namespaced in facts.Items("namespaced")) { yield return Default(namespaced, namespaced["kind"]?.ToString() ?? (namespaced["roleRef"] is null ? "Role" : "RoleBinding")); }
        yield return Default(MetricsReader(), "ClusterRole");
        yield return Default(ControllerRole(facts), "ClusterRole");
        yield return Default(ControllerBinding(), "ClusterRoleBinding");
    }

    /// <summary>Whoever may view a namespace may see what its pods use, as the usual add-on for metrics sees to it.</summary>
    private static JsonObject MetricsReader() => new()
    {
        ["name"] = "system:aggregated-metrics-reader",
        ["labels"] = new JsonObject(((string[])["admin", "edit", "view"]).Select(role => KeyValuePair.Create($"{Group}/aggregate-to-{role}", (JsonNode?)"true"))),
        ["rules"] = new JsonArray(new PolicyRule(["get", "list", "watch"], [MetricsResources.Group], ["pods", "nodes"], [], []).ToJson()),
    };

    /// <summary>
    /// All controllers run as one user here: its role is what those of the single controllers add up to. Ours patch where
    /// upstream's update, and make the storage class of local volumes.
    /// </summary>
    private static JsonObject ControllerRole(JsonObject facts)
    {
        var rules = facts.Items("clusterroles")
            .Where(role => role.Text("name") is { } name && (name.StartsWith("system:controller:", StringComparison.Ordinal) || name == "system:kube-controller-manager"))
            .SelectMany(PolicyRule.ReadAll).Append(new(["create"], ["storage.k8s.io"], ["storageclasses"], [], []))
            .SelectMany(rule => rule.Verbs.Contains("update", StringComparer.Ordinal) ? [rule, rule with { Verbs = ["patch"] }] : (PolicyRule[])[rule])
            .SelectMany(RuleCover.Single).ToArray();
        var everywhere = rules.Where(rule => rule is { Groups: ["*"], Resources: ["*"], Names: [] }).Select(rule => rule.Verbs[0]).Distinct(StringComparer.Ordinal).ToArray();
        var rest = rules.Where(rule => rule.Paths.Length == 0 && !everywhere.Contains(rule.Verbs[0], StringComparer.Ordinal))
            .GroupBy(rule => (Verb: rule.Verbs[0], Group: rule.Groups[0], Names: string.Join(',', rule.Names)))
            .Select(alike => new PolicyRule(
                [alike.Key.Verb], [alike.Key.Group], [.. alike.Select(rule => rule.Resources[0]).Distinct(StringComparer.Ordinal)], alike.First().Names, []));
        return new()
        {
            ["name"] = Controllers,
            ["rules"] = new JsonArray([.. rest.Prepend(new(everywhere, ["*"], ["*"], [], [])).Select(rule => (JsonNode)rule.ToJson())]),
        };
    }

    private static JsonObject ControllerBinding() => new()
    {
        ["name"] = Controllers,
        ["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = "ClusterRole", ["name"] = Controllers },
        ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = Group, ["kind"] = "User", ["name"] = "system:kube-controller-manager" }),
    };

    private static JsonObject Default(JsonObject fact, string kind)
    {
        var obj = FirstObjects.Object($"{Group}/v1", kind, fact["name"]!.ToString());
        var metadata = obj["metadata"]!.AsObject();
        if (fact["namespace"] is { } @namespace) { metadata["namespace"] = @namespace.DeepClone(); }
        metadata["labels"] = fact["labels"]?.DeepClone() ?? new JsonObject();
        metadata["labels"]!["kubernetes.io/bootstrapping"] = "rbac-defaults";
        metadata["annotations"] = new JsonObject { [RoleReconciliation.AutoUpdate] = "true" };
        foreach (var (name, value) in fact)
        {
            if (name is not ("name" or "namespace" or "labels" or "kind")) { obj[name] = value?.DeepClone(); }
        }

        return obj;
    }
}
