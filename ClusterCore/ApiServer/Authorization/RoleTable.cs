using System.Text.Json;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>A role given to a subject, with where it holds: everywhere when the namespace is empty.</summary>
internal sealed record Grant(string Namespace, string BindingName, PolicyRule[] Rules, string Description);

/// <summary>All bindings, by who they name. Immutable; built anew when a role or a binding changes.</summary>
internal sealed class RoleTable
{
    public static readonly GroupResource ClusterRoles = Rbac("clusterroles");
    public static readonly GroupResource Roles = Rbac("roles");
    public static readonly GroupResource ClusterRoleBindings = Rbac("clusterrolebindings");
    public static readonly GroupResource RoleBindings = Rbac("rolebindings");

    private readonly Dictionary<string, List<Grant>> byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Grant>> byGroup = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Namespace, string Name), PolicyRule[]> roles = [];

    private RoleTable()
    {
    }

    public static RoleTable Build(WatchFeed feed)
    {
        var table = new RoleTable();
        foreach (var entry in feed.Of(ClusterRoles).List("").Entries) { table.AddRole(entry); }
        foreach (var entry in feed.Of(Roles).List("").Entries) { table.AddRole(entry); }
        foreach (var entry in feed.Of(ClusterRoleBindings).List("").Entries) { table.AddBinding(entry); }
        foreach (var entry in feed.Of(RoleBindings).List("").Entries) { table.AddBinding(entry); }
        return table;
    }

    public PolicyRule[]? RulesOf(string @namespace, string name) => roles.GetValueOrDefault((@namespace, name));

    public IEnumerable<Grant> GrantsOf(UserInfo user, string @namespace)
    {
        var grants = byUser.GetValueOrDefault(user.Name, []).AsEnumerable();
        foreach (var group in user.Groups) { grants = grants.Concat(byGroup.GetValueOrDefault(group, [])); }
        return grants.Where(grant => grant.Namespace.Length == 0 || grant.Namespace == @namespace);
    }

    private void AddRole(CacheEntry entry)
    {
        using var document = entry.ParseDocument();
        roles[(entry.Namespace, entry.Name)] = PolicyRule.ReadAll(document.RootElement);
    }

    private void AddBinding(CacheEntry entry)
    {
        using var document = entry.ParseDocument();
        var (kind, name) = (Text(document.RootElement, "roleRef", "kind"), Text(document.RootElement, "roleRef", "name"));
        if (RulesOf(kind == "ClusterRole" ? "" : entry.Namespace, name) is not { } rules) { return; }
        if (!document.RootElement.TryGetProperty("subjects", out var subjects) || subjects.ValueKind != JsonValueKind.Array) { return; }
        foreach (var subject in subjects.EnumerateArray())
        {
            var description = $"RBAC: allowed by {(entry.Namespace.Length == 0 ? "Cluster" : "")}RoleBinding \"{entry.Order}\" of {kind} \"{name}\" to {Describe(subject)}";
            Add(subject, entry.Namespace, new(entry.Namespace, entry.Name, rules, description));
        }
    }

    private void Add(JsonElement subject, string bindingNamespace, Grant grant)
    {
        var name = Text(subject, "name");
        switch (Text(subject, "kind"))
        {
            case "User": Append(byUser, name, grant); break;
            case "Group": Append(byGroup, name, grant); break;
            case "ServiceAccount":
                var @namespace = Text(subject, "namespace") is { Length: > 0 } own ? own : bindingNamespace;
                Append(byUser, $"system:serviceaccount:{@namespace}:{name}", grant);
                break;
        }
    }

    private static string Describe(JsonElement subject) => Text(subject, "kind") == "ServiceAccount"
        ? $"ServiceAccount \"{Text(subject, "name")}/{Text(subject, "namespace")}\""
        : $"{Text(subject, "kind")} \"{Text(subject, "name")}\"";

    private static void Append(Dictionary<string, List<Grant>> index, string key, Grant grant)
    {
        if (!index.TryGetValue(key, out var list)) { index[key] = list = []; }
        list.Add(grant);
    }

    private static string Text(JsonElement at, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) { return ""; }
        }

        return at.ValueKind == JsonValueKind.String ? at.GetString()! : "";
    }

    private static GroupResource Rbac(string resource) => new("rbac.authorization.k8s.io", resource);
}
