using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Authentication;

/// <summary><c>kubectl --as</c>: acting as another user, for those who may impersonate.</summary>
internal sealed class Impersonation(IAuthorizer authorizer)
{
    private const string ExtraHeader = "Impersonate-Extra-";

    public UserInfo Resolve(UserInfo user, IHeaderDictionary headers)
    {
        if (!headers.Keys.Any(key => key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))) { return user; }
        var name = headers["Impersonate-User"].ToString();
        if (name.Length == 0) { throw Refusal.BadRequest("requested impersonation without impersonating a user"); }
        string[] groups = [.. headers["Impersonate-Group"].OfType<string>()];
        var uid = headers["Impersonate-Uid"].ToString();
        var extra = ExtraHeaders.Read(headers, ExtraHeader);
        RequireUser(user, name);
        foreach (var group in groups) { Require(user, "", "groups", "", group, ""); }
        if (uid.Length > 0) { Require(user, "authentication.k8s.io", "uids", "", uid, ""); }
        foreach (var (key, values) in extra)
        {
            foreach (var value in values) { Require(user, "authentication.k8s.io", "userextras", key, value, ""); }
        }

        return new UserInfo(name, uid, Groups(name, groups)) { Extra = extra };
    }

    private static string[] Groups(string name, string[] groups)
    {
        if (name == UserInfo.Anonymous.Name) { return [.. groups, UserInfo.Unauthenticated]; }
        string[] own = groups.Length == 0 && ServiceAccount(name) is { } account
            ? ["system:serviceaccounts", $"system:serviceaccounts:{account.Namespace}"]
            : groups;
        return own.Any(static group => group is UserInfo.Authenticated or UserInfo.Unauthenticated) ? own : [.. own, UserInfo.Authenticated];
    }

    private void RequireUser(UserInfo user, string name)
    {
        if (ServiceAccount(name) is { } account) { Require(user, "", "serviceaccounts", "", account.Name, account.Namespace); }
        else { Require(user, "", "users", "", name, ""); }
    }

    private void Require(UserInfo user, string group, string resource, string subresource, string name, string @namespace)
    {
        var attributes = new Attributes(user, "impersonate")
        {
            IsResource = true,
            Group = group,
            Version = "v1",
            Resource = resource,
            Subresource = subresource,
            Name = name,
            Namespace = @namespace,
        };
        if (!authorizer.Authorize(attributes).Allowed) { throw AccessRefusal.For(attributes, ""); }
    }

    private static (string Namespace, string Name)? ServiceAccount(string user) =>
        user.Split(':') is ["system", "serviceaccount", { Length: > 0 } @namespace, { Length: > 0 } name] ? (@namespace, name) : null;
}
