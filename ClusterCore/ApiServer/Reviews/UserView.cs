using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authentication;

namespace Flotilla.ClusterCore.ApiServer.Reviews;

/// <summary>A user as the API shows one (<c>authentication.k8s.io UserInfo</c>).</summary>
internal static class UserView
{
    public static JsonObject Of(UserInfo user)
    {
        var shown = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0) { shown["uid"] = user.Uid; }
        shown["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)group)]);
        if (user.Extra.Count > 0)
        {
            shown["extra"] = new JsonObject(user.Extra.Select(pair =>
                KeyValuePair.Create<string, JsonNode?>(pair.Key, new JsonArray([.. pair.Value.Select(value => (JsonNode)value)]))));
        }

        return shown;
    }
}
