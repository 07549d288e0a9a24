using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>The 403 that says who may not do what, where.</summary>
internal static class AccessRefusal
{
    public static StatusException For(Attributes attributes, string reason)
    {
        var user = attributes.User.Name;
        if (!attributes.IsResource)
        {
            return Refusal.ForbiddenPath(Reasoned($"forbidden: User \"{user}\" cannot {attributes.Verb} path \"{attributes.Path}\"", reason));
        }

        var resource = attributes.Subresource.Length == 0 ? attributes.Resource : $"{attributes.Resource}/{attributes.Subresource}";
        var scope = attributes.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{attributes.Namespace}\"";
        var message = $"User \"{user}\" cannot {attributes.Verb} resource \"{resource}\" in API group \"{attributes.Group}\" {scope}";
        return Refusal.Forbidden(new(attributes.Group, attributes.Resource), attributes.Name, Reasoned(message, reason));
    }

    private static string Reasoned(string message, string reason) => reason.Length == 0 ? message : $"{message}: {reason}";
}
