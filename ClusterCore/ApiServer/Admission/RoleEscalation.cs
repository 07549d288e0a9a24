using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

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
        var (old, role) = (request.Old, request.Object!);
        var collects = role["aggregationRule"] is not null && !JsonNode.DeepEquals(old?["aggregationRule"], role["aggregationRule"]);
        if (old is not null && JsonNode.DeepEquals(old["rules"], role["rules"]) && !collects) { return; }
        if (May(request, "escalate", request.Scope.Resource.Plural, ObjectMeta.Name(role))) { return; }
        // What a role will collect is anything, now or later.
        Check(request, collects ? PolicyRule.Everything : PolicyRule.ReadAll(role));
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
        var missing = RuleCover.Missing(held, given);
        if (missing.Length == 0) { return; }
        var user = request.Scope.Request.User;
        throw Refusal.Forbidden(request.Scope.GroupResource, ObjectMeta.Name(request.Object!),
            $"user \"{user.Name}\" (groups=[{string.Join(' ', user.Groups.Select(group => $"\"{group}\""))}]) is attempting to grant RBAC permissions not currently held:\n"
            + string.Join('\n', missing.Select(Describe)));
    }

    private static string Describe(PolicyRule rule) => rule.Paths.Length > 0
        ? $"{{NonResourceURLs:[\"{rule.Paths[0]}\"], Verbs:[\"{rule.Verbs[0]}\"]}}"
        : $"{{APIGroups:[\"{rule.Groups[0]}\"], Resources:[\"{rule.Resources[0]}\"]{(rule.Names.Length > 0 ? $", ResourceNames:[\"{rule.Names[0]}\"]" : "")}, Verbs:[\"{rule.Verbs[0]}\"]}}";
}
