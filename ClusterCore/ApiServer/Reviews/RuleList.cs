using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Authorization;

namespace Flotilla.ClusterCore.ApiServer.Reviews;

/// <summary>Rules as <c>kubectl auth can-i --list</c> reads them.</summary>
internal static class RuleList
{
    public static JsonObject Of(IEnumerable<PolicyRule> rules)
    {
        var (resourceRules, pathRules) = (new JsonArray(), new JsonArray());
        foreach (var rule in rules)
        {
            if (rule.Resources.Length > 0)
            {
                resourceRules.Add((JsonNode)new JsonObject
                {
                    ["verbs"] = Texts(rule.Verbs),
                    ["apiGroups"] = Texts(rule.Groups),
                    ["resources"] = Texts(rule.Resources),
                    ["resourceNames"] = Texts(rule.Names),
                });
            }

            if (rule.Paths.Length > 0) { pathRules.Add((JsonNode)new JsonObject { ["verbs"] = Texts(rule.Verbs), ["nonResourceURLs"] = Texts(rule.Paths) }); }
        }

        return new() { ["resourceRules"] = resourceRules, ["nonResourceRules"] = pathRules, ["incomplete"] = false };
    }

    private static JsonArray Texts(string[] texts) => [.. texts.Select(text => (JsonNode)text)];
}
