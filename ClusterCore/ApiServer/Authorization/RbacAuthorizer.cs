using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.Cache;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>Role based access control over the roles and bindings in the watch cache. <c>system:masters</c> may do anything.</summary>
internal sealed class RbacAuthorizer(WatchFeed feed) : IAuthorizer
{
    private readonly Lock gate = new();
    private RoleTable? table;
    private (long, long, long, long) builtFrom;

    /// <summary>The table for the roles and bindings of this moment.</summary>
    public RoleTable Table
    {
        get
        {
            var versions = (
                feed.Of(RoleTable.ClusterRoles).Version, feed.Of(RoleTable.Roles).Version,
                feed.Of(RoleTable.ClusterRoleBindings).Version, feed.Of(RoleTable.RoleBindings).Version);
            lock (gate)
            {
                if (table is null || versions != builtFrom) { (table, builtFrom) = (RoleTable.Build(feed), versions); }
                return table;
            }
        }
    }

    public Decision Authorize(Attributes attributes)
    {
        if (attributes.User.IsIn(UserInfo.Masters)) { return new(true, ""); }
        foreach (var grant in Table.GrantsOf(attributes.User, attributes.IsResource ? attributes.Namespace : ""))
        {
            if (grant.Namespace.Length > 0 && !attributes.IsResource) { continue; }
            if (Array.Exists(grant.Rules, rule => rule.Allows(attributes))) { return new(true, grant.Description); }
        }

        return new(false, "");
    }

    public IEnumerable<PolicyRule> RulesFor(UserInfo user, string @namespace) =>
        user.IsIn(UserInfo.Masters)
            ? PolicyRule.Everything
            : Table.GrantsOf(user, @namespace).SelectMany(grant => grant.Rules);
}
