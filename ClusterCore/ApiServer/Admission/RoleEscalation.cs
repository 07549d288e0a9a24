using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Nobody gives away rights they do not have: neither by a role's rules nor by binding a role.</summary>
internal sealed class RoleEscalation(IAuthorizer authorizer, RbacAuthorizer rbac) : IAdmissionPlugin
{
    private const string Group = "rbac.authorization.k8s.io";

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Scope.Resource.Group != Group || request.Object is null) { return ValueTask.CompletedTask; }
        if (request.Scope.Request.User.IsIn(Authentication.UserInfo.Masters)) { return ValueTask.CompletedTask; }
        if (request.Scope.Resource.Kind is "Role" or "ClusterRole") { CheckRole(request); }
        if (request.Scope.Resource.Kind is "RoleBinding" or "ClusterRoleBinding") { CheckBinding(request); }
        return ValueTask.CompletedTask;
    }

    private void CheckRole(AdmissionRequest request)
    {
        if (request.Old is not null && JsonNode.DeepEquals(request.Old["rules"], request.Object!["rules"])) { return; }
        if (May(request, "escalate", request.Scope.Resource.Plural, ObjectMeta.Name(request.Object!))) { return; }
        Check(request, RulesOf(request.Object!));
    }

    private void CheckBinding(AdmissionRequest request)
    {
        var reference = request.Object!["roleRef"];
        if (request.Old is not null && JsonNode.DeepEquals(request.Old["subjects"], request.Object["subjects"])) { return; }
        var (kind, name) = (ObjectMeta.Text(reference, "kind"), ObjectMeta.Text(reference, "name"));
        if (May(request, "bind", kind == "ClusterRole" ? "clusterroles" : "roles", name)) { return; }
        Check(request, rbac.Table.RulesOf(kind == "ClusterRole" ? "" : request.Namespace, name) ?? throw Refusal.NotFound(new(Group, kind == "ClusterRole" ? "clusterroles" : "roles"), name));
    }

    private bool May(AdmissionRequest request, string verb, string resource, string name) => authorizer.Authorize(new(request.Scope.Request.User, verb)
    {
        IsResource = true,
        Group = Group,
        Version = "v1",
        Resource = resource,
        Name = name,
        Namespace = request.Namespace,
    }).Allowed;

    private void Check(AdmissionRequest request, PolicyRule[] given)
    {
        var held = rbac.RulesFor(request.Scope.Request.User, request.Namespace).ToArray();
        var missing = given.SelectMany(Single).Where(rule => !Array.Exists(held, own => Covers(own, rule))).ToArray();
        if (missing.Length == 0) { return; }
        var user = request.Scope.Request.User;
        throw Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!),
            $"user \"{user.Name}\" (groups=[{string.Join(' ', user.Groups.Select(group => $"\"{group}\""))}]) is attempting to grant RBAC permissions not currently held:\n"
            + string.Join('\n', missing.Select(Describe)));
    }

    /// <summary>One rule per verb and resource, so that each can be covered by a rule of its own.</summary>
    private static IEnumerable<PolicyRule> Single(PolicyRule rule)
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

    private static string Describe(PolicyRule rule) => rule.Paths.Length > 0
        ? $"{{NonResourceURLs:[\"{rule.Paths[0]}\"], Verbs:[\"{rule.Verbs[0]}\"]}}"
        : $"{{APIGroups:[\"{rule.Groups[0]}\"], Resources:[\"{rule.Resources[0]}\"]{(rule.Names.Length > 0 ? $", ResourceNames:[\"{rule.Names[0]}\"]" : "")}, Verbs:[\"{rule.Verbs[0]}\"]}}";

    private static PolicyRule[] RulesOf(JsonObject role)
    {
        using var document = JsonDocument.Parse(JsonCodec.Encode(role));
        return PolicyRule.ReadAll(document.RootElement);
    }
}
